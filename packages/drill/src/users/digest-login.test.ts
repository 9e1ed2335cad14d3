import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigestLogin } from './digest-login.ts';

const challenges = [
  'Digest realm="r", qop="auth", algorithm=SHA-512-256, nonce="first", charset=UTF-8',
  'Digest realm="r", qop="auth", algorithm=SHA-256, nonce="second", charset=UTF-8',
];

test('knows nothing to answer before it was challenged', () => {
  const login = createDigestLogin({ name: 'ann', password: 'x' });
  assert.equal(login.answer('GET', '/v1/me'), undefined);
  assert.equal(login.learn(['Basic realm="r"']), false);
});

test('answers the SHA-256 challenge ahead of every request, each with a count of its own', () => {
  const login = createDigestLogin({ name: 'ann', password: 'x' });
  assert.equal(login.learn(challenges), true);
  const [first, second] = [login.answer('GET', '/v1/me'), login.answer('GET', '/v1/me')];
  assert.match(first ?? '', /nonce="second".*nc=00000001/);
  assert.match(second ?? '', /nc=00000002/);
});
