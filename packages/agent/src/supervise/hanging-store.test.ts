import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type OneServer, oneServer } from '../testing/one-server.ts';

const deadlineOf = (server: OneServer, dataset: DatasetName): number =>
  server.picture()?.mounts.find((mount) => mount.dataset === dataset)?.deadlineMs ?? 0;

/** The agent lives as it does in its process: cycles and renewals side by side. */
async function live({ agent, clock }: OneServer, ms: number): Promise<void> {
  const stop = new AbortController();
  const started = agent.start(stop.signal);
  await clock.advance(ms);
  stop.abort();
  await clock.finish(started);
}

test('a store that hangs does not hold up the mounts of another', async () => {
  const server = await oneServer();
  const { clock, eastStore, westStore } = server;
  assert.ok(deadlineOf(server, names.usersEast) > clock.bootMs());
  const before = deadlineOf(server, names.usersEast);
  eastStore.hang();
  await live(server, 60_000);
  assert.ok(deadlineOf(server, names.usersEast) <= before, 'what did not answer is not renewed');
  const open = westStore.copies.get(names.usersWest)?.gate?.validUntilMs ?? 0;
  assert.ok(open > clock.bootMs(), 'the gate of the other store stands open all the while');
  assert.ok(deadlineOf(server, names.usersWest) > clock.bootMs(), 'and its roles know');
});

test('with a store that hangs the agent looks and answers, and says who is silent', async () => {
  const server = await oneServer();
  const { agent, clock, eastStore, westStore } = server;
  westStore.hang();
  await live(server, 10_000);
  const beforeMs = clock.bootMs();
  await clock.finish(agent.cycle());
  const { reports } = await clock.finish(agent.inventory());
  assert.equal(clock.bootMs(), beforeMs, 'who hangs already is not waited for again');
  const stores = reports[0]?.stores ?? [];
  const [up, silent] = [names.eastStore, names.westStore].map((name) =>
    stores.find(({ store }) => store === name),
  );
  assert.equal(up?.isUp, true);
  assert.equal(silent?.isUp, false);
  assert.match(silent?.error ?? '', /has not ended for \d+ s/);
  const seen = reports[0]?.copies.find(({ dataset }) => dataset === names.usersEast);
  assert.equal(seen?.state, 'mounted');
  assert.ok(deadlineOf(server, names.usersEast) > clock.bootMs());
  westStore.goOn();
  eastStore.goOn();
  await live(server, 10_000);
  const after = deadlineOf(server, names.usersWest);
  assert.ok(after > clock.bootMs(), 'it is mounted again when it goes on');
});
