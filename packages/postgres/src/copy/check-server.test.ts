import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWrong } from './check-server.ts';

const good = { version: 150_018, walLevel: 'logical', preparedTransactionsMax: 0 };

test('a server is refused with all that is wrong at once', () => {
  assert.deepEqual(findWrong(good), []);
  assert.match(findWrong({ ...good, version: 140_011 })[0] ?? '', /PostgreSQL 14, and 15/);
  assert.match(findWrong({ ...good, walLevel: 'replica' })[0] ?? '', /set it to logical/);
  const all = { version: 90_600, walLevel: 'minimal', preparedTransactionsMax: 10 };
  assert.equal(findWrong(all).length, 3);
});
