import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigestCheck } from './digest-check.ts';
import { digestResponse, ha1Of } from './digest-response.ts';
import { createNonceCounts } from './nonce-counts.ts';
import { createNonces } from './nonce.ts';
import { createDigestClient } from './digest-client.ts';
import { answerForRealm } from './parse-authorization.ts';

const options = { secret: 's', realm: 'r', algorithms: ['SHA-256'] as const, nowMs: () => 1e12 };
const anna = { name: 'anna', realm: 'r', password: 'p' };
const ha1 = ha1Of('SHA-256', anna);
const request = { method: 'GET', target: '/v1/me' };

function answerTo(challenge: string, changed: { nc?: string; uri?: string } = {}) {
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
  const { nc = '00000001', uri = request.target } = changed;
  const signed = { algorithm: 'SHA-256' as const, nonce, nc, uri, cnonce: 'c' };
  const response = digestResponse({ ...signed, ha1, method: 'GET' });
  return { ...signed, name: 'anna', realm: 'r', response };
}

test('one pool accepts the nonce that the other gave out, and nobody that of a stranger', () => {
  const [east, west] = [createDigestCheck(options), createDigestCheck(options)];
  const [challenge = ''] = east.challenges(false);
  assert.equal(west.judge(answerTo(challenge), request, ha1), 'right');
  const stranger = createDigestCheck({ ...options, secret: 'other' });
  const [foreign = ''] = stranger.challenges(false);
  assert.equal(west.judge(answerTo(foreign), request, ha1), 'stale');
});

test('each count of a nonce is good once, in any order', () => {
  const check = createDigestCheck(options);
  const [challenge = ''] = check.challenges(false);
  const verdicts = ['00000001', '00000003', '00000002', '00000003', '00000001'].map((nc) =>
    check.judge(answerTo(challenge, { nc }), request, ha1),
  );
  assert.deepEqual(verdicts, ['right', 'right', 'right', 'stale', 'stale']);
});

test('an answer for another target, method or user is wrong, but for what may stand for it', () => {
  const isSameTarget = (signed: string, asked: string) => asked.startsWith(signed);
  const check = createDigestCheck({ ...options, isSameTarget });
  const [challenge = ''] = check.challenges(false);
  const judge = (uri: string, nc: string) =>
    check.judge(answerTo(challenge, { uri, nc }), { ...request, target: '/v1/me?pool=east' }, ha1);
  assert.equal(judge('/v1/me', '00000001'), 'right');
  assert.equal(judge('/v1/contacts', '00000002'), 'wrong');
  assert.equal(judge('//', '00000003'), 'wrong');
  const post = { method: 'POST', target: '/v1/me' };
  assert.equal(check.judge(answerTo(challenge, { nc: '00000004' }), post, ha1), 'wrong');
  assert.equal(check.judge(answerTo(challenge, { nc: '00000005' }), request, undefined), 'wrong');
});

test('a nonce grows stale, and one of the far future is not ours', () => {
  let nowMs = 1e12;
  const nonces = createNonces({ secret: 's', nowMs: () => nowMs, lifeMs: 1000 });
  const nonce = nonces.make();
  assert.equal(nonces.judge(nonce), 'good');
  nowMs += 1001;
  assert.equal(nonces.judge(nonce), 'stale');
  nowMs -= 1e6;
  assert.equal(nonces.judge(nonce), 'stale');
  assert.equal(nonces.judge(`${nonce.slice(0, -1)}x`), 'foreign');
  assert.equal(nonces.judge(''), 'foreign');
});

test('counts are remembered for a bounded number of nonces', () => {
  const counts = createNonceCounts(2);
  for (const nonce of ['a', 'b', 'c']) assert.ok(counts.take(nonce, '00000001'));
  assert.ok(counts.take('a', '00000001'), 'the oldest was forgotten');
  assert.equal(counts.take('c', '00000001'), false);
  assert.ok(counts.take('c', 'ffffffff'));
  assert.equal(counts.take('c', '00000002'), false, 'far behind the window');
});

test('challenges come in the order of the setting, and a client takes the first it knows', () => {
  const algorithms = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
  const check = createDigestCheck({ ...options, algorithms });
  const named = check.challenges(true).map((value) => /algorithm=([\w-]+)/.exec(value)?.[1]);
  assert.deepEqual(named, algorithms);
  assert.equal(check.challenges(false, ['SHA-256']).length, 1);
  for (const algorithm of algorithms) {
    const client = createDigestClient({ ...anna, algorithms: [algorithm] });
    assert.ok(client.learn(check.challenges(false)));
    const own = ha1Of(algorithm, anna);
    const judge = (method: string) => {
      const value = client.answer('REGISTER', 'sip:example.org') ?? '';
      const answer = answerForRealm(['Basic x', value], 'r');
      assert.equal(answer?.algorithm, algorithm);
      return answer && check.judge(answer, { method, target: 'sip:example.org' }, own);
    };
    assert.equal(judge('REGISTER'), 'right');
    assert.equal(judge('REGISTER'), 'right', 'the same nonce serves the next request');
    assert.equal(judge('INVITE'), 'wrong');
  }
  const client = createDigestClient({ ...anna, algorithms: ['SHA-256'] });
  assert.equal(client.learn(check.challenges(false, ['MD5'])), false);
});

test('an answer by an algorithm that is not offered is wrong, though the hash is right', () => {
  const check = createDigestCheck({ ...options, algorithms: ['SHA-256'] });
  const offering = createDigestCheck({ ...options, algorithms: ['MD5'] });
  const client = createDigestClient({ ...anna, algorithms: ['MD5'] });
  client.learn(offering.challenges(false));
  const answer = answerForRealm([client.answer('GET', '/v1/me') ?? ''], 'r');
  assert.ok(answer !== undefined);
  assert.equal(check.judge(answer, request, ha1Of('MD5', anna)), 'wrong');
});
