import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemChance } from '@understudy/ports/system';
import { openDatabase } from '../data/open-database.ts';
import { Problem } from '../problem.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';
import type { AskedContact, Registration } from './binding.ts';
import { createBindingWrites, readBindings } from './binding-writes.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
});
after(() => site[Symbol.asyncDispose]());

async function openBindings() {
  const { url, generation } = await site.mount();
  const database = openDatabase({ url, connectionsMax: 2, onIdleError: () => {} });
  const bounds = {
    bindingsMax: 10,
    isSameUri: (one: string, other: string) => one === other,
    newId: () => systemChance.uuid(),
    nowMs: () => Date.now(),
  };
  const writes = () => createBindingWrites(database, generation, bounds);
  const read = (userId: string) => readBindings(database, userId, Date.now());
  return { database, writes, read, [Symbol.asyncDispose]: () => database.close() };
}

const aContact: AskedContact = { contact: 'sip:a@192.0.2.1', q: 500, lifeMs: 60_000 };
const aRegister = (cseq: number, changed: Partial<Registration> = {}): Registration => ({
  callId: 'a call',
  cseq,
  path: ['<sip:edge.example.test;lr>'],
  source: 'udp 192.0.2.1:5060',
  userAgent: 'a phone',
  contacts: [aContact],
  ...changed,
});

test('what a REGISTER leaves is durable and read as it was asked', async () => {
  await using open = await openBindings();
  const userId = await site.add('ann', 'p');
  const phone = { ...aContact, instance: '<urn:uuid:1>', regId: 1 };
  const plan = await open
    .writes()
    .submit({ userId, registration: aRegister(1, { contacts: [phone] }) });
  const [found, ...others] = await open.read(userId);
  assert.deepEqual(plan, { kind: 'done', put: [found], remove: [], bindings: [found] });
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found?.q, found?.path, found?.instance, found?.regId, found?.cseq],
    [500, ['<sip:edge.example.test;lr>'], '<urn:uuid:1>', 1, 1],
  );
});

test('REGISTERs of many users and of one, at once on two servers, all hold', async () => {
  await using open = await openBindings();
  const users = await Promise.all(['b1', 'b2', 'b3', 'b4'].map((name) => site.add(name, 'p')));
  const servers = [open.writes(), open.writes()];
  const plans = await Promise.all(
    servers.flatMap((server, at) =>
      users.map((userId) => {
        const contacts = [{ ...aContact, contact: `sip:${at}@192.0.2.1` }];
        return server.submit({ userId, registration: aRegister(1, { callId: `${at}`, contacts }) });
      }),
    ),
  );
  assert.ok(plans.every((plan) => plan?.kind === 'done'));
  for (const userId of users) assert.equal((await open.read(userId)).length, 2);
});

test('a refusal for one user leaves the others of the batch alone', async () => {
  await using open = await openBindings();
  const [stale, fine] = [await site.add('c1', 'p'), await site.add('c2', 'p')];
  const writes = open.writes();
  await writes.submit({ userId: stale, registration: aRegister(5) });
  const [first, second] = await Promise.all([
    writes.submit({ userId: stale, registration: aRegister(4, { contacts: 'all' }) }),
    writes.submit({ userId: fine, registration: aRegister(4) }),
  ]);
  assert.deepEqual([first?.kind, second?.kind], ['stale', 'done']);
  assert.equal((await open.read(stale)).length, 1);
  const gone = await writes.submit({
    userId: fine,
    registration: aRegister(5, { contacts: 'all' }),
  });
  assert.equal(gone?.kind, 'done');
  assert.deepEqual(await open.read(fine), []);
});

test('nothing is registered under a generation that is over', async () => {
  await using open = await openBindings();
  const userId = await site.add('dan', 'p');
  await site.mount();
  await assert.rejects(
    open.writes().submit({ userId, registration: aRegister(1) }),
    (error) => error instanceof Problem && error.status === 503,
  );
  assert.deepEqual(await open.read(userId), []);
});
