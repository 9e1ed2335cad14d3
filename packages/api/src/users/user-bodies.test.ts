import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingBody } from './user-bodies.ts';

test('a setting with a NUL anywhere in it is refused, before limited mode would keep it', () => {
  const nul = String.fromCharCode(0);
  const isTaken = (value: unknown) => settingBody.safeParse({ value }).success;
  for (const bad of [nul, [`a${nul}`], { deep: { [`k${nul}`]: 1 } }, `\\${nul}`]) {
    assert.equal(isTaken(bad), false);
  }
  for (const good of ['\\u0000', 'plain', null, { a: [1, '\\\\u0000'] }]) {
    assert.equal(isTaken(good), true);
  }
});
