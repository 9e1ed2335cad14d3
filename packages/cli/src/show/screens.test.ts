import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTroubledStatus, nowMs } from '../golden/fake-deployment.ts';
import { redraw } from './redraw.ts';
import { statusScreen } from './status-screen.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

test('words are kept whole, and no line is longer than the screen', () => {
  assert.deepEqual(wrap('one two three', 7, '  '), ['one two', '  three']);
  assert.deepEqual(wrap('unbreakable', 5), ['unbr…']);
});

test('on a narrow screen every cell of a table is still there, under its name', () => {
  const rows = [
    ['POOL', 'STATE', 'WHY'],
    ['east', 'Active', 'its datasets were created a while ago'],
    ['', 'Other', '-'],
  ];
  assert.deepEqual(table(rows, 40), [
    'pool east, state Active, why its',
    '  datasets were created a while ago',
    'pool east, state Other',
  ]);
});

test('the status of 40 columns has no line that is wider, and still says why', () => {
  const lines = statusScreen(aTroubledStatus(), { nowMs, columns: 40 });
  assert.ok(
    lines.every(({ length }) => length <= 40),
    lines.join('\n'),
  );
  const wide = statusScreen(aTroubledStatus(), { nowMs, columns: Number.POSITIVE_INFINITY });
  const words = lines.join(' ').replaceAll(/\s+/g, ' ');
  assert.ok(words.includes(wide[1]?.slice(0, 60) ?? '?'), words);
});

test('a screen is drawn over line by line, and never scrolls', () => {
  const lines = ['first', 'a line that is too wide', 'third', 'fourth'];
  const drawn = redraw(lines, { columns: 10, rows: 4 });
  assert.equal(drawn, '\u001b[Hfirst\u001b[K\na line t…\u001b[K\n… 2 more…\u001b[K\n\u001b[J');
});
