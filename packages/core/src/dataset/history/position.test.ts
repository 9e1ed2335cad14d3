import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asLsn, comparePositions, lagBytes } from './position.ts';

const at = (lsn: string, generation = 1) => ({
  generation: asGeneration(generation),
  lsn: asLsn(lsn),
});

test('positions of one generation are compared as 64-bit numbers, not as texts', () => {
  assert.equal(comparePositions(at('0/9'), at('0/10')), 'before');
  assert.equal(comparePositions(at('1/0'), at('0/FFFFFFFF')), 'after');
  assert.equal(comparePositions(at('a/b'), at('A/B')), 'same');
});

test('positions of two generations have no order', () => {
  assert.equal(comparePositions(at('0/1', 1), at('0/2', 2)), 'incomparable');
});

test('lag is in bytes and never negative', () => {
  assert.equal(lagBytes(asLsn('0/FFFFFFFF'), asLsn('1/1')), 2);
  assert.equal(lagBytes(asLsn('1/1'), asLsn('0/0')), 0);
});

test('what is no LSN is refused at the edge', () => {
  for (const text of ['', '0', '0/', '/1', '0/G', '0x1/2', '123456789/0', '0/1 ']) {
    assert.throws(() => asLsn(text), RangeError);
  }
});
