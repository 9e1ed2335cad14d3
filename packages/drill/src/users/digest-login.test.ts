import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigestLogin } from './digest-login.ts';

const challenges = [
  'Digest realm="r", qop="auth", algorithm=SHA-512-256, nonce="first", charset=UTF-8',
  'Digest realm="r", qop="auth", algorithm=SHA-256, nonce="second", charset=UTF-8',
];

test('knows nothing to answer before it was challenged', () => {
  const login = createDigestLogin({ name: 'ann', password: 'x' }, 'SHA-256');
  assert.equal(login.answer('GET', '/v1/me'), undefined);
  assert.equal(login.learn(['Basic realm="r"']), false);
});

test('answers the SHA-256 challenge ahead of every request, each with a count of its own', () => {
  const login = createDigestLogin({ name: 'ann', password: 'x' }, 'SHA-256');
  assert.equal(login.learn(challenges), true);
  const [first, second] = [login.answer('GET', '/v1/me'), login.answer('GET', '/v1/me')];
  assert.match(first ?? '', /nonce="second".*nc=00000001/);
  assert.match(second ?? '', /nc=00000002/);
});

test('a phone answers the MD5 challenge, wherever it stands', () => {
  const login = createDigestLogin({ name: 'ann', password: 'x' }, 'MD5');
  assert.equal(login.learn(challenges), false);
  const phones = 'Digest realm="r", qop="auth", algorithm=MD5, nonce="third", charset=UTF-8';
  assert.equal(login.learn([...challenges, phones]), true);
  const answer = login.answer('REGISTER', 'sip:r') ?? '';
  assert.match(answer, /algorithm=MD5, .*response="[0-9a-f]{32}"$/);
});
