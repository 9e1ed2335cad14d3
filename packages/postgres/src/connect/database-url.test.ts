import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toConnectionString, withDatabase, withUser } from './database-url.ts';

test('another database and user on the same server', () => {
  const url = 'postgresql://postgres:a%2Fb@127.0.0.1:5433/postgres?sslmode=verify-full';
  assert.equal(
    withDatabase(url, 'users_east'),
    'postgresql://postgres:a%2Fb@127.0.0.1:5433/users_east?sslmode=verify-full',
  );
  const user = { user: 'understudy_role', password: 'p@/:w' };
  assert.equal(
    withUser(url, user),
    'postgresql://understudy_role:p%40%2F%3Aw@127.0.0.1:5433/postgres?sslmode=verify-full',
  );
});

test('as libpq reads it', () => {
  assert.equal(
    toConnectionString("postgresql://ada:it's%5C@[::1]:5433/users?sslmode=require"),
    "host='::1' port='5433' user='ada' password='it\\'s\\\\' dbname='users' sslmode='require'",
  );
  assert.match(toConnectionString('postgresql://ada@localhost/users'), /port='5432'/);
});
