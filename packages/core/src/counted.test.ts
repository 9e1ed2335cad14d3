import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from './counted.ts';

test('one is one, and all else are many', () => {
  assert.equal(counted(1, 'dataset'), '1 dataset');
  assert.equal(counted(0, 'dataset'), '0 datasets');
  assert.equal(counted(2, 'copy', 'copies'), '2 copies');
});
