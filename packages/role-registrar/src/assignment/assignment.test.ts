import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asDataset,
  asDatasetId,
  asGeneration,
  asPool,
  type RoleAssignment,
} from '@understudy/core';
import { createAssignmentBook } from './assignment-book.ts';
import { createOrphanWatch } from './orphan-watch.ts';

function anAssignment(changed: { life?: string; number?: number; generation?: number }) {
  const { life = 'a', number = 1, generation = 1 } = changed;
  const mount = {
    dataset: asDataset('users-east'),
    id: asDatasetId('id'),
    pool: asPool('east'),
    generation: asGeneration(generation),
    url: 'postgres://',
    deadlineMs: 0,
    routingGroups: [],
  };
  return { number, agentLife: life, pools: [], mounts: [mount] } satisfies RoleAssignment;
}

test('late words are ignored: lower numbers, lower generations, dead agents', () => {
  const book = createAssignmentBook();
  const accept = (changed: Parameters<typeof anAssignment>[0]) =>
    book.accept(anAssignment(changed));
  assert.ok(accept({ number: 2, generation: 5 }));
  assert.equal(accept({ number: 1, generation: 5 }), false);
  assert.equal(accept({ number: 2, generation: 5 }), false);
  assert.equal(accept({ number: 3, generation: 4 }), false);
  assert.ok(accept({ life: 'b', number: 1, generation: 5 }));
  assert.equal(accept({ life: 'a', number: 9, generation: 6 }), false);
  assert.equal(accept({ life: 'c', number: 9, generation: 4 }), false);
  assert.ok(accept({ life: 'b', number: 2, generation: 6 }));
});

test('E12: a role is an orphan some time after the last deadline, unless an agent speaks', () => {
  let nowMs = 0;
  const watch = createOrphanWatch({ bootMs: () => nowMs, roleOrphanMs: 100 });
  nowMs = 101;
  assert.ok(watch.isOrphan(), 'nobody ever spoke');
  watch.heard();
  watch.mounted([500]);
  nowMs = 600;
  assert.equal(watch.isOrphan(), false);
  nowMs = 601;
  assert.ok(watch.isOrphan());
  watch.heard();
  assert.equal(watch.isOrphan(), false, 'it is adopted');
});
