import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { type Problem, unknownOutcome } from '../problem.ts';
import { createBatches } from './batch-writes.ts';

function serverError(code: string) {
  return Object.assign(new pg.DatabaseError('no', 0, 'error'), { code, severity: 'ERROR' });
}
type Row = { readonly key: string; readonly isBad?: boolean };

/** Answers every row with its key; holds a batch until `go` is called. */
function aStore(fail: (rows: readonly Row[]) => Error | undefined = () => undefined) {
  const batches: (readonly Row[])[] = [];
  const held: (() => void)[] = [];
  const writes = createBatches<Row, string>({
    keyOf: ({ key }) => key,
    runBatch: async (rows) => {
      batches.push(rows);
      await new Promise<void>((resolve) => held.push(resolve));
      const error = fail(rows);
      if (error !== undefined) throw error;
      return new Map(rows.map(({ key }) => [key, key]));
    },
  });
  const go = async () => {
    for (let turn = 0; turn < 50; turn++) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { writes, batches, go, shape: () => batches.map((rows) => rows.map(({ key }) => key)) };
}

test('what waits for a commit goes into the next one; equal keys keep their order', async () => {
  const { writes, go, shape } = aStore();
  const answers = ['a', 'b', 'c', 'b'].map((key) => writes.submit({ key }));
  await go();
  assert.deepEqual(await Promise.all(answers), ['a', 'b', 'c', 'b']);
  assert.deepEqual(shape(), [['a'], ['b', 'c'], ['b']]);
});

test('one bad write fails alone', async () => {
  const { writes, go } = aStore((rows) =>
    rows.some(({ isBad }) => isBad) ? serverError('23503') : undefined,
  );
  const rows: Row[] = [{ key: 'a' }, { key: 'b' }, { key: 'bad', isBad: true }, { key: 'c' }];
  const answers = Promise.allSettled(rows.map((row) => writes.submit(row)));
  await go();
  const told = (await answers).map((each) =>
    each.status === 'fulfilled' ? each.value : (each.reason as Problem).code,
  );
  assert.deepEqual(told, ['a', 'b', 'refused', 'c']);
});

test('an unknown outcome is told as such and never tried again by itself', async () => {
  const { writes, go, batches } = aStore(() => unknownOutcome('killed'));
  const answers = Promise.allSettled(['a', 'b', 'c'].map((key) => writes.submit({ key })));
  await go();
  for (const each of await answers) {
    assert.equal(each.status === 'rejected' && (each.reason as Problem).code, 'unknownOutcome');
  }
  assert.equal(batches.length, 2);
});

test('a closed pool refuses what waits and what comes', async () => {
  const { writes, go } = aStore();
  const answers = Promise.allSettled(['a', 'b'].map((key) => writes.submit({ key })));
  writes.close();
  await go();
  const [first, second] = await answers;
  assert.equal(first?.status, 'fulfilled');
  assert.equal(second?.status, 'rejected');
  await assert.rejects(writes.submit({ key: 'c' }), { code: 'notServing' });
});
