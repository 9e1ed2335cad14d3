import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAttackedServer } from './attacked-server.ts';

const blows = 800;
const firstSeed = 70_000;
/** On a machine with nothing else to do it takes a tenth of this. */
const boundMs = 60_000;

test('whatever is thrown at a server, it goes on, and holds nothing afterwards', async () => {
  const begunMs = performance.now();
  await using server = await openAttackedServer();
  const names = new Set<string>();
  for (let seed = firstSeed; seed < firstSeed + blows; seed += 1) {
    try {
      names.add(await server.attack(seed));
      if (seed % 200 === 0) await server.settle();
      if (seed % 50 === 0) await server.answers();
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
  await server.settle();
  await server.answers();
  assert.equal(names.size, 8, 'every kind of blow was struck');
  const { servers, connections } = server.bounds;
  assert.deepEqual([server.most.servers, server.most.connections], [servers, connections]);
  assert.ok(server.most.clients > 0, 'what was thrown came through to phones');
  assert.ok(performance.now() - begunMs < boundMs);
});
