import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outOfOrder } from './original-order.ts';

const order = [
  { original: 'a', ours: [/one/], words: '' },
  { original: 'not ours', words: '' },
  { original: 'b', ours: [/two/], words: '' },
];

test('lines in their order are well, with others between; the first that is not is named', () => {
  assert.equal(outOfOrder(['one', 'x', 'two'], order), undefined);
  assert.equal(outOfOrder(['two', 'one'], order)?.original, 'b');
  assert.equal(outOfOrder(['two'], order)?.original, 'a');
});
