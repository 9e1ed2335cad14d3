import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, planHash } from './plan-hash.ts';
import { expectedTimes } from './expected-times.ts';
import { aPlan } from './testing/toy.ts';
import { asRun, type JournalLine } from '@understudy/core';

test('the order of keys and absent members do not change the text', () => {
  assert.equal(
    canonicalJson({ b: [1, { d: 2, c: undefined }], a: null }),
    '{"a":null,"b":[1,{"d":2}]}',
  );
  assert.equal(canonicalJson({ a: null, b: [1, { d: 2 }] }), '{"a":null,"b":[1,{"d":2}]}');
});

test('what was merely seen does not change the hash; anything else does', () => {
  const hash = planHash(aPlan());
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(planHash(aPlan({ seen: ['a lag of 3 ms'] })), hash);
  assert.notEqual(planHash(aPlan({ subject: 'pool:west' })), hash);
});

test('expected times are medians of what was done; what never ran is absent', () => {
  const line = (
    step: string,
    tookMs: number,
    event: JournalLine['event'] = 'done',
  ): JournalLine => ({
    run: asRun('1'),
    attempt: 1,
    number: 1,
    step,
    event,
    why: '',
    atMs: 0,
    tookMs,
  });
  const times = expectedTimes([
    [line('mount', 5), line('mount', 900, 'alreadyDone')],
    [line('mount', 7), line('mount', 100)],
  ]);
  assert.deepEqual([...times], [['mount', 7]]);
});
