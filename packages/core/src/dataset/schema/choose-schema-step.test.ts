import assert from 'node:assert/strict';
import test from 'node:test';
import { aCopy, aHeartbeat, aMountedCopy, aRecord } from '../../testing/index.ts';
import { chooseSchemaStep } from './choose-schema-step.ts';

const record = aRecord();
const newest = 2;

test('a passive copy comes to a new level whatever the others are at', () => {
  for (const state of ['healthy', 'catchingUp', 'disconnected', 'suspended'] as const) {
    const step = chooseSchemaStep({ copy: aCopy(), state, record, newest, others: [undefined] });
    assert.equal(step, 'migrate');
  }
  const seeding = { copy: aCopy(), state: 'seeding', record, newest, others: [1] } as const;
  assert.equal(chooseSchemaStep(seeding), undefined);
});

test('E8: the active copy waits until every other one says that it has the new level', () => {
  const active = { copy: aMountedCopy(), state: 'mounted', record, newest } as const;
  assert.equal(chooseSchemaStep({ ...active, others: [1] }), undefined);
  assert.equal(chooseSchemaStep({ ...active, others: [2, undefined] }), undefined);
  assert.equal(chooseSchemaStep({ ...active, others: [2, 3] }), 'migrate');
  const there = { ...active, copy: aMountedCopy({ migration: 2 }), others: [2] };
  assert.equal(chooseSchemaStep(there), undefined);
});

test('a follower takes up the tables that the active copy publishes beyond its own', () => {
  const heartbeat = aHeartbeat({ migration: 2, tablesHash: 'tables-2' });
  const copy = aCopy({ migration: 2, heartbeat });
  const asked = { copy, state: 'catchingUp', record, newest, others: [2] } as const;
  assert.equal(chooseSchemaStep(asked), 'takeUpTables');
  const before = aCopy({ migration: 2, heartbeat: aHeartbeat() });
  assert.equal(chooseSchemaStep({ ...asked, copy: before }), undefined);
});
