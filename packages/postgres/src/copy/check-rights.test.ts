import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingRights } from './check-rights.ts';

const none = {
  user: 'ops',
  isSuperuser: false,
  createsDatabases: false,
  createsRoles: false,
  replicates: false,
};

test('every missing right is named with the statement that gives it', () => {
  const [said = ''] = missingRights(none);
  assert.match(said, /user ops lacks SUPERUSER, CREATEDB, CREATEROLE, REPLICATION: /);
  assert.match(said, /ALTER ROLE "ops" SUPERUSER/);
});

test('all rights of others do not make a superuser, who lacks nothing', () => {
  const much = { ...none, createsDatabases: true, createsRoles: true, replicates: true };
  assert.match(missingRights(much)[0] ?? '', /lacks SUPERUSER: /);
  assert.deepEqual(missingRights({ ...none, isSuperuser: true }), []);
});
