import assert from 'node:assert/strict';
import test from 'node:test';
import { names } from '../testing/index.ts';
import { diagnoseRoom } from './diagnose-room.ts';

test('a disk is said to be full, or nearly so, below the limit and not above it', () => {
  const limits = { diskFreeMinBytes: 64 * 2 ** 20 };
  const said = (freeBytes: number) =>
    diagnoseRoom(names.eastStore, { folder: '/data', freeBytes }, limits);
  assert.equal(said(64 * 2 ** 20), undefined);
  assert.match(
    said(3 * 2 ** 20) ?? '',
    /^the disk of east-store is nearly full \(3 MiB left\): .*\/data/,
  );
  assert.match(said(4096) ?? '', /^the disk of east-store is full: free some space/);
});
