import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigestCheck } from './digest-check.ts';
import { digestResponse, ha1Of } from './digest-response.ts';
import { createNonceCounts } from './nonce-counts.ts';
import { createNonces } from './nonce.ts';
import { createSlowDown } from './slow-down.ts';

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

test('an answer for another path, method or user is wrong; a redirect may add the pool', () => {
  const check = createDigestCheck(options);
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

test('wrong passwords slow down who sends them, for any name, and for a while', () => {
  let nowMs = 0;
  const slowDown = createSlowDown(() => nowMs);
  const guess = { source: '192.0.2.1', user: 'nobody' };
  for (let count = 0; count < 8; count++) {
    assert.equal(slowDown.waitMs(guess), 0);
    slowDown.failed(guess);
  }
  assert.ok(slowDown.waitMs(guess) > 0);
  assert.equal(slowDown.waitMs({ ...guess, source: '192.0.2.2' }), 0, 'the user is not locked out');
  assert.equal(slowDown.waitMs({ ...guess, user: 'other' }), 0);
  nowMs += slowDown.waitMs(guess);
  assert.equal(slowDown.waitMs(guess), 0);
});
