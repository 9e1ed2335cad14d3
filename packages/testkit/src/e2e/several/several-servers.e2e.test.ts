import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { asPool } from '@understudy/core';
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

test('a server that is killed gives its groups away at once, and gets them back', async () => {
  const killedMs = Date.now();
  await several.sites.killServer('east-2');
  await several.waitSpread({ 'east-1': 8 }, 10_000);
  const movedMs = Date.now() - killedMs;
  assert.ok(movedMs < 10_000, `${movedMs} ms`);
  for (const [user] of several.users.entries()) await write('east-1', user, 'alone');
  await several.sites.agent('east-2').start();
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  for (const [user] of several.users.entries()) await write('east-2', user, 'again');
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
  assert.deepEqual(await ownedBy('east-2'), before);
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
  await waitWell(several.sites);
  const told = await perform('pool-failback');
  assert.match(told, /east-rg1: \d users? on east-1/);
  assert.match(told, /east-rg8: \d users? on east-2/);
  await several.waitSpread({ 'east-1': 4, 'east-2': 4 });
  await write('east-2', 0, 'home');
  await waitWell(several.sites);
});
