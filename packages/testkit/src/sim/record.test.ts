import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hashOfCode,
  lineOf,
  nextSeed,
  parseSlices,
  readSlices,
  type Slice,
  sumUp,
} from './record.ts';

const slice: Slice = {
  world: 'moves',
  from: 1,
  to: 1_000,
  code: 'abc',
  operations: 300_000,
  faults: 5_000,
  merged: 10,
  conflicts: 2,
  excused: 1,
  failed: 0,
  seconds: 3_600,
};
const next = { ...slice, from: 1_001, to: 1_500, code: 'def', failed: 1, seconds: 1_800 };

const head = 'world,from,to,code,operations,faults,merged,conflicts,excused,failed,seconds';

test('slices are read as they were written, and the next begins after the last', () => {
  const text = `${head}\n${lineOf(slice)}\n${lineOf(next)}\n`;
  const slices = parseSlices(text);
  assert.deepEqual(slices, [slice, next]);
  assert.equal(nextSeed(slices, 'moves'), 1_501);
  assert.equal(nextSeed(slices, 'limited'), 1);
});

test('slices add up, those of the same code as well', () => {
  assert.equal(
    sumUp([slice, next], 'def'),
    'record: seeds 1500 in 2 slices, 500 of this code; operations 600000 faults 10000 ' +
      'failed 1 hours 1.5',
  );
});

test('a record that was spoilt is refused with its line', () => {
  assert.throws(() => parseSlices('world,from\n'), /first line/);
  assert.throws(() => parseSlices(`${head}\n${lineOf(slice)}\nmoves,1\n`), /line 3 is no slice/);
});

test('the committed record can be read, and no slice of a world overlaps another', async () => {
  const slices = await readSlices();
  for (const world of new Set(slices.map((each) => each.world))) {
    const own = slices.filter((each) => each.world === world);
    assert.deepEqual(
      own.map(({ from }) => from),
      [1, ...own.slice(0, -1).map(({ to }) => to + 1)],
    );
  }
});

test('the hash of what is simulated is the same each time', async () => {
  assert.equal(await hashOfCode(), await hashOfCode());
});
