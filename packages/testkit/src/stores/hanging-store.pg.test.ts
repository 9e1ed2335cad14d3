import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '@understudy/ports/system';
import { startTestPostgresPair } from '@understudy/postgres';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { type OneAgent, startOneAgent } from './one-agent.ts';
import { startSwallowingProxy } from './swallowing-proxy.ts';

// One agent, two stores, one of which hangs: its mount runs out, the other's is renewed all the
// while, and whoever asks the agent is answered.

const pair = await startTestPostgresPair();
after(() => pair[Symbol.asyncDispose]());

const isLive = (one: OneAgent, index: number): true | undefined => {
  const dataset = one.datasets[index];
  const left = dataset === undefined ? 0 : one.deadlineOf(dataset) - systemClock.bootMs();
  return left > 0 ? true : undefined;
};

/** The first store hangs from `hang` to `goOn`, twice as long as a mount holds. */
async function hangFirst(
  one: OneAgent,
  { hang, goOn }: { readonly hang: () => unknown; readonly goOn: () => unknown },
): Promise<void> {
  const stop = one.run();
  try {
    await waitFor('both mounted', () => isLive(one, 0) && isLive(one, 1));
    await hang();
    await waitFor('the mount of the store that hangs over', () =>
      isLive(one, 0) ? undefined : true,
    );
    const dataset = one.datasets[1];
    assert.ok(dataset);
    const then = one.deadlineOf(dataset);
    assert.ok(isLive(one, 1), 'the other is mounted');
    await waitFor('the other renewed', () => (one.deadlineOf(dataset) > then ? true : undefined));
    const { reports } = await one.agent.inventory();
    const [first, second] = reports[0]?.stores ?? [];
    assert.equal(first?.isUp, false);
    assert.ok(first?.error, 'it is said why');
    assert.equal(second?.isUp, true);
    assert.ok(isLive(one, 1));
    await goOn();
    await waitFor('the first mounted again', () => isLive(one, 0));
  } finally {
    await goOn();
    await stop();
  }
}

test('a PostgreSQL whose processes are stopped holds up no other store', async () => {
  await using one = await startOneAgent([pair.east.url('postgres'), pair.west.url('postgres')]);
  await hangFirst(one, pair.east);
});

test('a network that swallows all bytes to a store holds up no other', async () => {
  await using proxy = await startSwallowingProxy(pair.east.port);
  const url = new URL(pair.east.url('postgres'));
  url.port = String(proxy.port);
  await using one = await startOneAgent([pair.west.url('postgres'), url.href].toReversed());
  await hangFirst(one, { hang: () => proxy.swallow(), goOn: () => proxy.letThrough() });
});
