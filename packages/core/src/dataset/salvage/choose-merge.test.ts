import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTable, mergeTable, type Merge } from './choose-merge.ts';

const acts = ['insert', 'update', 'delete'] as const;
const there = ['absent', 'same', 'untouched', 'touched'] as const;
const rules = ['appendOnly', 'lastWriter', 'conflict', 'control'] as const;

const all = rules.flatMap((rule) =>
  acts.flatMap((act) =>
    there.map((row) => ({ rule, act, row, merge: mergeTable[rule][act][row] })),
  ),
);

function todos(rows: Readonly<Record<(typeof there)[number], Merge>>): readonly string[] {
  return there.map((row) => rows[row].todo);
}

test('nothing that the active side wrote since it took over is ever overwritten', () => {
  const over = all.filter(({ row, merge }) => row === 'touched' && merge.todo === 'merge');
  assert.deepEqual(over, []);
});

test('what the rule leaves to a person is never merged', () => {
  const merged = all.filter(({ rule, merge }) => rule === 'conflict' && merge.todo === 'merge');
  assert.deepEqual(merged, []);
});

test('only marks of our own are passed over: every change of a user is in the ledger', () => {
  for (const { rule, merge } of all) assert.equal(merge.todo === 'ignore', rule === 'control');
});

test('a row that the active side deleted since does not come back by a change', () => {
  for (const rule of ['appendOnly', 'lastWriter', 'conflict'] as const) {
    assert.equal(mergeTable[rule].update.absent.todo, 'list');
  }
});

test('the rules for rows that stand in the tail', () => {
  assert.deepEqual(todos(mergeTable.appendOnly.insert), ['merge', 'leave', 'list', 'list']);
  assert.deepEqual(todos(mergeTable.lastWriter.insert), ['merge', 'leave', 'merge', 'list']);
  assert.deepEqual(todos(mergeTable.lastWriter.update), ['list', 'leave', 'merge', 'list']);
  assert.deepEqual(todos(mergeTable.lastWriter.delete), ['leave', 'merge', 'merge', 'list']);
});

test('two tables tell no order: only what is never changed is added', () => {
  assert.deepEqual(todos(compareTable.appendOnly), ['merge', 'leave', 'list', 'list']);
  assert.deepEqual(todos(compareTable.lastWriter), ['list', 'leave', 'list', 'list']);
  assert.deepEqual(todos(compareTable.conflict), ['list', 'leave', 'list', 'list']);
});
