import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedChange, QueuedKind } from '@understudy/core';
import { runsOf } from './apply-run.ts';

function change(id: string, kind: QueuedKind, body: QueuedChange['body']): QueuedChange {
  return { id, userId: 'ann', kind, body, queuedAtMs: 0 };
}

const idsOf = (changes: readonly QueuedChange[]) =>
  runsOf(changes).map((run) => run.map(({ id }) => id));

test('all messages are one run, and so are changes of one kind, in their order', () => {
  const changes = [
    change('1', 'message', {}),
    change('2', 'putContact', { id: 'a' }),
    change('3', 'message', {}),
    change('4', 'putContact', { id: 'b' }),
  ];
  assert.deepEqual(idsOf(changes), [
    ['1', '3'],
    ['2', '4'],
  ]);
});

test('the same contact twice, or another kind between, begins a new run', () => {
  const changes = [
    change('1', 'putContact', { id: 'a' }),
    change('2', 'putContact', { id: 'a' }),
    change('3', 'removeContact', { id: 'a' }),
    change('4', 'putContact', { id: 'a' }),
  ];
  assert.deepEqual(idsOf(changes), [['1'], ['2'], ['3'], ['4']]);
});

test('a setting is known by its user and its key', () => {
  const bob = { ...change('2', 'putSetting', { key: 'k' }), userId: 'bob' };
  const changes = [
    change('1', 'putSetting', { key: 'k' }),
    bob,
    change('3', 'putSetting', { key: 'k' }),
  ];
  assert.deepEqual(idsOf(changes), [['1', '2'], ['3']]);
});
