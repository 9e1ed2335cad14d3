import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameTarget } from './same-target.ts';

test('a signed path stands for itself, also where a redirect added the pool', () => {
  assert.ok(isSameTarget('/v1/me', '/v1/me?pool=east'));
  assert.ok(isSameTarget('/v1/me?pool=west', '/v1/me?pool=east'));
  assert.ok(!isSameTarget('/v1/contacts', '/v1/me?pool=east'));
  assert.ok(!isSameTarget('/v1/me?more=1', '/v1/me'));
  assert.ok(!isSameTarget('//', '/v1/me'));
});
