import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  asServer,
  type RoleAssignment,
  type RoleMount,
  routingGroupOfUser,
  routingGroupsOf,
} from '@understudy/core';
import { fieldsOf, firstValue, type SipRequest } from '@understudy/sip';
import type { RunningRegistrar } from '../start-registrar.ts';
import { openPhone, type PhoneOptions } from '../testing/a-phone.ts';
import { aClient } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, pool, startOnePool } from '../testing/one-pool.ts';
import { bodyOf, star, text, to } from '../testing/phone-words.ts';

// Two servers on one dataset: each owns one of its two routing groups.

const grouped = { name: pool, routingGroups: 2 };
const groups = routingGroupsOf(grouped);
const ofGroup = (index: number, count: number): readonly string[] =>
  Array.from({ length: 40 }, (_, number) => `user${number}`)
    .filter((name) => routingGroupOfUser(grouped, name) === groups[index])
    .slice(0, count);
/** Users of the group that the first server owns, and of the other one. */
const [ann = '', ada = '', abe = ''] = ofGroup(0, 3);
const [ben = '', bob = ''] = ofGroup(1, 2);

let site: OnePool;
let one: RunningRegistrar;
let two: RunningRegistrar;
let base: RoleMount;
let number = 0;

const placeOf = ({ sip }: RunningRegistrar) => {
  const { address, port } = sip.find(({ transport }) => transport === 'tcp') ?? assert.fail();
  return `${address}:${port}`;
};

/** What the agents would tell both: who owns what, and who answers. */
async function tell(
  changed: {
    readonly owned?: readonly [readonly number[], readonly number[]];
    readonly answering?: readonly [boolean, boolean];
    readonly drained?: 'one' | 'two';
  } = {},
): Promise<void> {
  const { owned = [[0], [1]], answering = [true, true], drained } = changed;
  number += 1;
  const roles = [one, two];
  const places = roles.map((role) => ({ plain: placeOf(role) }));
  const welcome = places.filter((_, index) => ['one', 'two'][index] !== drained);
  for (const [index, role] of roles.entries()) {
    const other = 1 - index;
    const own = (of: number) => (owned[of] ?? []).flatMap((each) => groups[each] ?? []);
    const neighbour = { server: asServer(`east-${other + 1}`), groups: own(other) };
    const isAnswering = answering[other] === true;
    const others = [{ ...neighbour, isAnswering, sip: places[other] ?? assert.fail() }];
    const owners = { number, server: asServer(`east-${index + 1}`), others };
    const sip = { side: 'home' as const, home: welcome, backup: [] };
    const assignment: RoleAssignment = {
      number,
      agentLife: 'the life of this test',
      pools: [{ pool, state: 'active', isServing: true, routingGroups: 2, sip }],
      mounts: [{ ...base, routingGroups: own(index), owners }],
      ...(['one', 'two'][index] === drained && { isDrained: true as const }),
    };
    await role.registrar.assign(assignment);
    await role.registrar.hydrate({ dataset: base.dataset, groups: own(index) });
  }
}

before(async () => {
  site = await startOnePool();
  base = await site.mount({ pool: { routingGroups: 2 } });
  for (const name of [ann, ada, abe, ben, bob]) await site.add(name, 'right');
  one = site.role;
  two = await site.startRole();
  await tell();
});
after(() => site[Symbol.asyncDispose]());

const phoneAt = (role: RunningRegistrar, name: string, changed: Partial<PhoneOptions> = {}) =>
  openPhone(role, { name, password: 'right', ...changed });
const bodiesOf = (came: readonly SipRequest[]) => came.map(bodyOf);
type BindingRow = { readonly path: readonly string[]; readonly source: string };
const bindingsOf = (name: string) =>
  site.sql<BindingRow>(
    `select path, source from app.bindings where user_id =
       (select id from app.users where name = '${name}')`,
  );

test('a phone signs in at any server: its owner writes by which one it is reached', async () => {
  for (const transport of ['udp', 'tcp'] as const) {
    await using phone = await phoneAt(two, ann, { transport });
    const response = await phone.register();
    assert.equal(response.status, 200);
    const [row] = await bindingsOf(ann);
    assert.match(row?.path[0] ?? '', new RegExp(`@${placeOf(two)};transport=tcp;lr;ob`));
    assert.match(row?.source ?? '', new RegExp(`^${transport} 127.0.0.1:\\d+$`));
    assert.equal((await phone.ask('REGISTER', star)).status, 200);
  }
  await using wrong = await openPhone(two, { name: ann, password: 'wrong' });
  assert.equal((await wrong.register()).status, 401);
});

test('messages go between phones at different servers, whoever owns whom', async () => {
  for (const transport of ['udp', 'tcp'] as const) {
    await using far = await phoneAt(two, ann, { transport });
    await using near = await phoneAt(one, ada, { transport });
    await using other = await phoneAt(one, ben, { transport });
    for (const phone of [far, near, other]) assert.equal((await phone.register()).status, 200);
    assert.equal((await near.ask('MESSAGE', text(ann, 'to far'))).status, 200);
    assert.equal((await far.ask('MESSAGE', text(ada, 'to near'))).status, 200);
    assert.equal((await far.ask('MESSAGE', text(ben, 'to other'))).status, 200);
    assert.equal((await near.ask('MESSAGE', text(ben, 'to other too'))).status, 200);
    assert.deepEqual(bodiesOf(far.came), ['to far']);
    assert.deepEqual(bodiesOf(near.came), ['to near']);
    assert.deepEqual(bodiesOf(other.came), ['to other', 'to other too']);
    for (const phone of [far, near, other]) await phone.ask('REGISTER', star);
  }
});

test('a call goes between phones at different servers, and what is within it too', async () => {
  await using caller = await phoneAt(one, ben, { transport: 'tcp' });
  await using callee = await phoneAt(two, ann, { transport: 'tcp' });
  for (const phone of [caller, callee]) assert.equal((await phone.register()).status, 200);
  const contact = ['Contact', `<${caller.contact}>`] as const;
  const answered = await caller.ask('INVITE', { ...to(ann), headers: [contact] });
  assert.equal(answered.status, 200);
  const route = fieldsOf(answered, 'record-route')
    .flatMap(({ value }) => value.split(', '))
    .toReversed();
  const within = {
    uri: callee.contact,
    to: firstValue(answered, 'to') ?? '',
    headers: [['Route', route.join(', ')]] as const,
  };
  await caller.tell('ACK', within);
  await eventually(() => callee.came.some(({ method }) => method === 'ACK'));
  assert.equal((await caller.ask('BYE', within)).status, 200);
  assert.ok(callee.came.some(({ method }) => method === 'BYE'));
  for (const phone of [caller, callee]) await phone.ask('REGISTER', star);
});

test('what waits for a user comes through the server that the phone signs in at', async () => {
  await using sender = await phoneAt(two, bob);
  assert.equal((await sender.ask('MESSAGE', text(abe, 'kept'))).status, 202);
  const [row] = await site.sql<{ name: string }>(
    `select u.name from app.messages m join app.users u on u.id = m.from_user
      where body = 'kept'`,
  );
  assert.equal(row?.name, bob, 'whom the other server has known is named here');
  await using phone = await phoneAt(two, abe, { transport: 'tcp' });
  assert.equal((await phone.register()).status, 200);
  await eventually(() => phone.came.length === 1);
  assert.deepEqual(bodiesOf(phone.came), ['kept']);
  await phone.ask('REGISTER', star);
});

test('nobody is taken for a server of ours by writing its address into Route', async () => {
  await using phone = await openPhone(one, { name: ann, password: 'wrong' });
  const response = await phone.ask('MESSAGE', {
    ...text(ben, 'forged'),
    headers: [
      ['Content-Type', 'text/plain'],
      ['Route', `<sip:forged@${placeOf(one)};transport=tcp;lr>`],
    ],
  });
  assert.equal(response.status, 407);
});

test('groups move while phones stay, and these are reached through their server', async () => {
  await using far = await phoneAt(two, ann, { transport: 'tcp' });
  await using near = await phoneAt(one, ben, { transport: 'tcp' });
  for (const phone of [far, near]) assert.equal((await phone.register()).status, 200);
  await tell({ owned: [[], [0, 1]], drained: 'one' });
  assert.equal((await far.ask('MESSAGE', text(ben, 'after'))).status, 200);
  assert.equal((await near.ask('MESSAGE', text(ann, 'after'))).status, 200);
  assert.deepEqual([...bodiesOf(far.came), ...bodiesOf(near.came)], ['after', 'after']);
  const moved = await near.register();
  assert.equal(moved.status, 302, 'a drained server takes no new registrations');
  assert.equal(firstValue(moved, 'contact'), `<sip:${placeOf(two)};transport=tcp>;q=0.7`);
  assert.equal((await near.ask('REGISTER', star)).status, 200, 'who signs off, may');
  await tell();
  await far.ask('REGISTER', star);
});

test('a lower number on who owns what is not acted on', async () => {
  await tell();
  const before = one.registrar.report();
  const [mount] = [one.registrar.servingMount(pool)?.mount ?? assert.fail()];
  const owners = { ...(mount.owners ?? assert.fail()), number: number - 1 };
  await one.registrar.assign({
    number: number + 1,
    agentLife: 'the life of this test',
    pools: one.registrar.pools(),
    mounts: [{ ...mount, routingGroups: groups, owners }],
  });
  number += 1;
  assert.deepEqual(one.registrar.report().pools, before.pools);
});

test('users over HTTP are served by any server of the pool', async () => {
  for (const role of [one, two]) {
    for (const name of [ann, ben]) {
      const client = aClient({ name, password: 'right' });
      const url = `${role.usersUrl}/v1/settings/tone`;
      assert.equal((await client(url, { method: 'PUT', body: { value: name } })).status, 200);
      const settings = await client(`${role.usersUrl}/v1/settings`);
      assert.match(await settings.text(), new RegExp(`"${name}"`));
    }
  }
});

test('a server that is gone: its groups are served here, its phones where they are', async () => {
  await using phone = await phoneAt(one, ada);
  assert.equal((await phone.register()).status, 200);
  await one[Symbol.asyncDispose]();
  await using sender = await phoneAt(two, ben);
  assert.equal((await sender.register()).status, 200);
  await using late = await phoneAt(two, ann);
  assert.equal((await late.register()).status, 200, 'before anybody has noticed');
  assert.equal((await sender.ask('MESSAGE', text(ada, 'found'))).status, 200);
  await tellTwo({ isAnswering: false });
  assert.equal((await sender.ask('MESSAGE', text(ada, 'found again'))).status, 200);
  assert.deepEqual(bodiesOf(phone.came), ['found', 'found again']);
});

async function tellTwo({ isAnswering }: { readonly isAnswering: boolean }): Promise<void> {
  number += 1;
  const mount = two.registrar.servingMount(pool)?.mount ?? assert.fail();
  const [other = assert.fail()] = mount.owners?.others ?? [];
  const others = [{ ...other, groups: [], isAnswering }];
  await two.registrar.assign({
    number,
    agentLife: 'the life of this test',
    pools: two.registrar.pools(),
    mounts: [{ ...mount, routingGroups: groups, owners: { number, server: other.server, others } }],
  });
  await two.registrar.hydrate({ dataset: base.dataset, groups });
}
