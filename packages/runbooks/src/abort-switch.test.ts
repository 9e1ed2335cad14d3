import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, asRun, type PoolRecord } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { catalogue } from './catalogue.ts';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import { type Call, type Fate, Leader } from './testing/leader.ts';
import { scenarios } from './testing/scenario.ts';

const scenario = scenarios.find(({ name }) => name === 'pool-failover planned')!;

function aborts(calls: readonly Call[]): readonly string[] {
  return calls.filter(({ what }) => what === 'obey abortSwitch').map(({ server }) => server);
}

test('E1: a failed switch is aborted on the target first, then the source mounts', async () => {
  const fateOf = ({ what }: Call): Fate => (what === 'obey awaitMarker' ? 'failBefore' : 'go');
  const { world, leader } = await beginRun({ scenario, fateOf });
  assert.deepEqual(aborts(leader.calls), [names.westServer, names.eastServer]);
  const row = await bringToEnd(world, scenario, names.westServer);
  assert.match(row.why, /all was undone/);
  assert.equal(world.agentOf(names.eastServer).copy(names.usersEast).mountedGeneration, 2);
});

test('E1: the source is not told to mount while the target has not promised', async () => {
  const fateOf = ({ what, server }: Call): Fate => {
    if (what === 'obey awaitMarker') return 'failBefore';
    return what === 'obey abortSwitch' && server === names.westServer ? 'failBefore' : 'go';
  };
  const { world, leader } = await beginRun({ scenario, fateOf });
  assert.deepEqual([...new Set(aborts(leader.calls))], [names.westServer]);
  assert.match((await newestRow(world))?.why ?? '', /not undone: final-state/);
  await bringToEnd(world, scenario, names.eastServer);
});

test('what another run has decided of the pool since is left as it is by an undo', async () => {
  const fateOf = ({ what }: Call): Fate => (what === 'obey fence' ? 'dieBefore' : 'go');
  const { world } = await beginRun({ scenario, fateOf });
  const theirs: PoolRecord = {
    kind: 'pool',
    pool: names.eastPool,
    generation: asGeneration(9),
    state: 'failingOver',
    serving: names.eastPool,
    run: asRun('another run'),
    why: 'another failover has begun',
  };
  for (const { control } of world.agents) await control.learn([theirs]);
  const row = (await newestRow(world)) ?? assert.fail();
  const leader = new Leader(world, { server: names.eastServer, catalogue, seed: 7 });
  const resumed = await world.clock.finish(leader.runner.resume(row.id, 'bert'));
  const ended = await world.clock.finish(resumed.finished);
  assert.match(ended.why, /^the state of pool east has changed since; .*; all was undone$/);
  const undone = leader.calls.filter(({ what }) => what === 'obey setPoolState');
  assert.deepEqual(undone, []);
});
