import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPool } from '@understudy/core';
import type { RegisterRow } from '../bindings/binding-writes.ts';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { createFlowEnds } from './flow-ends.ts';
import type { FlowBinding } from './phone-flows.ts';

const bound = (at: number): FlowBinding => ({
  userId: `user ${at}`,
  pool: asPool('east'),
  binding: { instance: '<urn:uuid:1>', regId: at, source: 'tcp 192.0.2.1:1' },
});

/** A store that takes rows and answers when it is told to. */
function aStore({ isServing = true, waitingMax = 1_000 } = {}) {
  const taken: string[] = [];
  const answers: (() => void)[] = [];
  const submit = ({ userId }: RegisterRow) => {
    taken.push(userId);
    return new Promise<undefined>((resolve) => answers.push(() => resolve(undefined)));
  };
  const mounted = { bindings: { submit, close: () => {} } } as unknown as MountedDataset;
  const ends = createFlowEnds(
    { served: () => (isServing ? mounted : undefined) },
    { say: () => {} },
    waitingMax,
  );
  const answerAll = async () => {
    for (const answer of answers.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ends, taken, answerAll };
}

test('many connections that end at once reach the store a few at a time', async () => {
  const { ends, taken, answerAll } = aStore();
  ends.ended(Array.from({ length: 100 }, (_, at) => bound(at)));
  assert.equal(taken.length, 64);
  await answerAll();
  assert.equal(taken.length, 100);
  await answerAll();
  ends.ended([bound(100)]);
  assert.equal(taken.at(-1), 'user 100');
});

test('what waits is bounded: the rest ends by its life', async () => {
  const { ends, taken, answerAll } = aStore({ waitingMax: 10 });
  for (let at = 0; at < 100; at += 1) ends.ended([bound(at)]);
  for (let turn = 0; turn < 3; turn += 1) await answerAll();
  assert.equal(taken.length, 64 + 10);
});

test('a pool that is not served here, and a server that stops, lose no binding', async () => {
  const elsewhere = aStore({ isServing: false });
  elsewhere.ends.ended([bound(1)]);
  const stopping = aStore();
  stopping.ends.ended(Array.from({ length: 100 }, (_, at) => bound(at)));
  stopping.ends.stop();
  stopping.ends.ended([bound(100)]);
  await stopping.answerAll();
  assert.deepEqual([elsewhere.taken.length, stopping.taken.length], [0, 64]);
});
