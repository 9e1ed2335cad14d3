import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initdbRefusal } from './initdb-refusal.ts';

const refusal = (output: string) => initdbRefusal('/data/store', { exitCode: 1, output });

test('a user id without an account is told what to do about it', () => {
  const { code, message } = refusal(
    'initdb: could not look up effective user ID 12345: user does not exist\n',
  );
  assert.equal(code, 'namelessUser');
  assert.match(message, /user ID 12345.*Add the user to \/etc\/passwd/);
});

test('a full disk is one also when initdb says more after it; the rest is in its words', () => {
  const full = 'initdb: error: write failed: No space left on device\ninitdb: removing data\n';
  assert.equal(refusal(full).code, 'diskFull');
  const other = refusal('initdb: error: invalid locale name "xx"\n');
  assert.equal(other.code, 'initdbFailed');
  assert.match(other.message, /invalid locale name/);
});
