import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, type CopyObservation, defaultLimits } from '@understudy/core';
import { aCopy, aMountedCopy, aRecord, aTopology } from '@understudy/core/testing';
import { SimulatedClock } from '@understudy/ports/fake';
import { createAgentMemory } from '../agent-memory.ts';
import { measureLag } from './measure-lag.ts';

const heartbeat = (number: number, writes: number, generation = 1) => ({
  number,
  writes,
  generation: asGeneration(generation),
  tablesHash: 'tables',
  migration: 1,
});

/** The agent of a passive copy; `active` is what that one's agent said, undefined while silent. */
function anAgent() {
  const parts = { clock: new SimulatedClock(), topology: aTopology({ limits: defaultLimits }) };
  const memory = createAgentMemory('a life', parts);
  return (copy: CopyObservation, active: CopyObservation | undefined, atBootMs: number) => {
    if (active !== undefined) memory.heartbeats.watch(active, atBootMs);
    return measureLag({ memory, copy, active, record: aRecord(), atBootMs });
  };
}

const passive = (number: number, writes: number, generation?: number) =>
  aCopy({ heartbeat: heartbeat(number, writes, generation) });
const active = (number: number, writes: number, generation?: number) =>
  aMountedCopy({ heartbeat: heartbeat(number, writes, generation) });

test('A5: what the active copy said last is known to be missing, when it is silent too', () => {
  const measure = anAgent();
  measure(passive(1, 100), active(1, 100), 0);
  measure(passive(1, 100), active(1, 100), 500);
  assert.deepEqual(measure(passive(1, 100), active(2, 900), 1_000).lastWord, {
    writes: 800,
    ageMs: 500,
  });
  const silent = measure(passive(1, 100), undefined, 3_000);
  assert.deepEqual([silent.writes, silent.lastWord], [undefined, { writes: 800, ageMs: 2_500 }]);
  // What stood in the buffers of the connection is applied yet, and is then the last word: how many
  // writes it tells of says nothing of those after it.
  measure(passive(2, 900), undefined, 3_200);
  const { lastWord, heartbeatAgeMs } = measure(passive(3, 1_000), undefined, 3_500);
  assert.deepEqual([lastWord, heartbeatAgeMs], [{ writes: 0, ageMs: 300 }, 0]);
});

test('A5: the rate is the higher one of what its agent told and of what was applied here', () => {
  const measure = anAgent();
  for (let beats = 1; beats <= 3; beats++)
    measure(passive(beats, beats * 40), active(beats, beats * 40), beats * 1_000);
  const { writesPerSecond } = measure(passive(3, 120), active(4, 1_080), 4_000);
  assert.equal(writesPerSecond, 500);
});

test('A5: an active copy of which only heartbeats come is as old as these', () => {
  const measure = anAgent();
  measure(passive(1, 100), undefined, 0);
  measure(passive(1, 100), undefined, 700);
  const { lastWord } = measure(passive(2, 500), undefined, 1_200);
  assert.deepEqual(lastWord, { writes: 0, ageMs: 500 });
});

test('A5: counts of another generation are compared with nothing', () => {
  const measure = anAgent();
  measure(passive(6, 400), active(6, 400), 0);
  measure(passive(7, 500), active(8, 20, 2), 500);
  const { lastWord } = measure(passive(7, 500), active(9, 900, 2), 2_000);
  assert.deepEqual(lastWord, { writes: 0, ageMs: 2_000 });
});

test('A5: a word of which only the first look is known is of no age', () => {
  const measure = anAgent();
  const seen = [0, 1_000, 2_000, 3_000].map((atMs, index) =>
    measure(passive(7, 500), active(8 + index, 900 + index, 2), atMs),
  );
  assert.deepEqual(seen.at(-1)?.lastWord, { writes: 0 });
  // What its agent told of one generation with the copy's was seen to change.
  const other = anAgent();
  other(passive(7, 500), active(7, 500), 0);
  assert.deepEqual(other(passive(7, 500), active(8, 520), 900).lastWord, {
    writes: 20,
    ageMs: 900,
  });
});
