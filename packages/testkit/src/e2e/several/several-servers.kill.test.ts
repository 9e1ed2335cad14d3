import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { asPool } from '@understudy/core';
import type { Phone } from '@understudy/drill';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import { waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { openSeveral, type Several } from './open-several.ts';

// Pool east is served by east-1, which has the store, and by east-2.

let several: Several;
before(async () => {
  several = await openSeveral();
});
after(() => several?.[Symbol.asyncDispose]());

const pool = asPool('east');

async function write(server: string, user: number, text: string): Promise<void> {
  const { name } = several.users[user] ?? assert.fail();
  const body = { id: randomUUID(), to: name, body: text };
  const client = several.clientAt(server, user);
  const served = await client.request({ method: 'POST', path: '/v1/messages', body });
  assert.equal(served?.status, 201, `${server}: ${served?.text ?? 'nobody served it'}`);
}

async function read(server: string, user: number): Promise<string> {
  const served = await several
    .clientAt(server, user)
    .request({ method: 'GET', path: '/v1/messages' });
  assert.equal(served?.status, 200, `${server}: ${served?.text ?? 'nobody served it'}`);
  return served.text;
}

async function perform(runbook: 'pool-failover' | 'pool-failback'): Promise<string> {
  const { run } = await several.sites.client.startRun({ runbook, pool });
  const { state, why } = await seeToItsEnd(several.sites, run);
  assert.equal(state, 'succeeded', why);
  const { journal } = await several.sites.client.showRun(run);
  return journal.map((line) => line.why).join('\n');
}

test('both servers share the routing groups, and either takes what users write', async () => {
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  for (const [user] of several.users.entries()) {
    await write('east-1', user, 'by one');
    await write('east-2', user, 'by two');
    assert.match(await read('east-1', user), /by one.*by two/s);
  }
});

let near: Phone;
let far: Phone;

test('phones at different servers call and write to each other', async () => {
  near = several.phoneAt(['east-1'], 0);
  far = several.phoneAt(['east-2'], 1);
  for (const phone of [near, far]) assert.ok(await phone.signIn(), phone.user.name);
  await reaches(near, far);
  await reaches(far, near);
  assert.ok(await near.call(far), 'near calls far');
  assert.ok(await far.call(near), 'far calls near');
});

async function reaches(from: Phone, to: Phone): Promise<void> {
  const body = randomUUID();
  const answered = await from.write(to.user.name, body);
  assert.equal(answered?.status, 200, `${from.user.name} writes to ${to.user.name}`);
  assert.ok(to.heard.message(body));
}

test('a server that is killed gives its groups away at once, and gets them back', async () => {
  const killedMs = Date.now();
  await several.sites.killServer('east-2');
  await several.waitSpread({ 'east-1': 8 }, 10_000);
  const movedMs = Date.now() - killedMs;
  assert.ok(movedMs < 10_000, `${movedMs} ms`);
  // Its phone has not signed in anew: the binding is kept, and its address is tried.
  await reaches(near, far);
  for (const [user] of several.users.entries()) await write('east-1', user, 'alone');
  await several.sites.agent('east-2').start();
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  for (const [user] of several.users.entries()) await write('east-2', user, 'again');
  assert.ok(await far.signIn());
  await reaches(near, far);
});

test('a drained server owns nothing and sends phones away, until it is undrained', async () => {
  const { client } = several.sites;
  const { why } = await client.drainServer('east-2', { why: 'new disks' });
  assert.match(why, /east-2 is drained \(new disks\)/);
  await several.waitSpread({ 'east-1': 8, 'east-2': 0 });
  assert.match((await client.status()).sentence, /east-2 is drained \(new disks\)/);
  await reaches(near, far); // Through the server that it has signed in at.
  const mover = several.phoneAt(['east-2', 'east-1'], 2);
  assert.ok(await mover.signIn());
  assert.equal((await mover.write(near.user.name, 'moved'))?.store, 'east-1');
  await assert.rejects(client.drainServer('east-1'), /no other server of pool east/);
  await several.sites.agent('east-2').kill();
  await several.sites.agent('east-2').start();
  await waitFor('that the word outlives the agent', async () => {
    const { decisions } = await several.sites.clientOf('east-2').status();
    return decisions.some((each) => each.kind === 'server') ? true : undefined;
  });
  await several.waitSpread({ 'east-1': 8, 'east-2': 0 });
  await client.undrainServer('east-2');
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
});

test("the holder's agent that begins anew leaves the groups where they are", async () => {
  const before = await ownedBy('east-2');
  const agent = several.sites.agent('east-1');
  await agent.kill();
  await agent.start();
  await waitFor('that it answers', async () => {
    await several.sites.clientOf('east-1').hello();
    return true;
  });
  await waitWell(several.sites);
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  // Roles that do not answer in time own nothing that anybody could tell.
  const after = await waitFor('that the roles of east-2 answer', async () => {
    const groups = await ownedBy('east-2');
    return groups.length === 0 ? undefined : groups;
  });
  assert.deepEqual(after, before);
});

async function ownedBy(server: string): Promise<readonly string[]> {
  const { agents } = await several.sites.client.status();
  const roles = agents.find((each) => each.server === server)?.roles ?? [];
  return roles.flatMap((role) => role.pools.find((each) => each.pool === pool)?.groups ?? []);
}

test('the pool moves to one server and home to two, each of them named', async () => {
  await perform('pool-failover');
  await several.waitSpread({ 'west-1': 8 });
  await write('west-1', 0, 'away');
  const away = several.phoneAt(['west-1'], 3);
  assert.ok(await away.signIn());
  await reaches(away, far);
  await waitWell(several.sites);
  const told = await perform('pool-failback');
  assert.match(told, /east-rg1: \d users? on east-1/);
  assert.match(told, /east-rg8: \d users? on east-2/);
  assert.doesNotMatch(told, /nothing is read ahead/);
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  await write('east-2', 0, 'home');
  await reaches(near, away);
  await reaches(near, far);
  await waitWell(several.sites);
});

test('a pool with a server that is off moves as planned, and home', async () => {
  await several.sites.killServer('east-2');
  await several.waitSpread({ 'east-1': 8 });
  await perform('pool-failover');
  await several.waitSpread({ 'west-1': 8 });
  await waitWellWithout('east-2');
  const told = await perform('pool-failback');
  assert.match(told, /east-2: it does not answer; others of its pool serve/);
  await several.waitSpread({ 'east-1': 8 });
  await reaches(near, far);
  await several.sites.agent('east-2').start();
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
});

/** As `waitWell`, though a server is off that has no copy of anything. */
async function waitWellWithout(server: string): Promise<void> {
  await waitFor('that every copy is well', async () => {
    const { agents, silent } = await several.sites.client.status();
    const states = agents.flatMap(({ copies }) => copies.map(({ state }) => state));
    const isWell = states.every((state) => state === 'mounted' || state === 'healthy');
    const others = silent.filter((each) => each.server !== server);
    return isWell && states.length === 4 && others.length === 0 ? true : undefined;
  });
}
