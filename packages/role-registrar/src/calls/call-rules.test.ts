import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallSettings } from '@understudy/api';
import { type CallEnd, endOf, firstMove, forwardAfter } from './call-rules.ts';

const all: CallSettings = {
  forwardBusy: 'sip:busy@d',
  forwardNoAnswer: { to: 'sip:late@d', afterMs: 5_000 },
  forwardUnreachable: 'sip:away@d',
};
const own = { isBeside: false };

for (const [status, hasRung, expected] of [
  [486, false, 'busy'],
  [486, true, 'busy'],
  [600, true, 'busy'],
  [408, true, 'noAnswer'],
  [480, true, 'noAnswer'],
  [408, false, 'silent'],
  [480, false, 'unreachable'],
  [430, true, 'unreachable'],
  [500, false, 'unreachable'],
  [503, false, 'unreachable'],
  [603, true, 'declined'],
  [488, false, 'other'],
  [407, false, 'other'],
] as const) {
  test(`${status} ${hasRung ? 'after' : 'without'} ringing means ${expected}`, () => {
    assert.equal(endOf(status, { hasRung }), expected);
  });
}

const goesTo: { readonly [end in CallEnd]: string | undefined } = {
  notSignedIn: 'sip:away@d',
  unreachable: 'sip:away@d',
  silent: 'sip:away@d',
  busy: 'sip:busy@d',
  noAnswer: 'sip:late@d',
  declined: undefined,
  other: undefined,
};
for (const [end, to] of Object.entries(goesTo)) {
  test(`a call that ended ${end} goes to ${to ?? 'nobody'}, if that is set`, () => {
    assert.equal(forwardAfter(all, end as CallEnd)?.to, to);
    assert.equal(forwardAfter({}, end as CallEnd), undefined);
  });
}

test('phones without power count as slow where only a time is set', () => {
  const { forwardNoAnswer } = all;
  assert.ok(forwardNoAnswer !== undefined);
  const forward = forwardAfter({ forwardNoAnswer }, 'silent');
  assert.deepEqual(forward, { to: 'sip:late@d', cause: 408 });
});

test('always comes before do not disturb, and that before any ringing', () => {
  const always = { forwardAlways: 'sip:b@d', doNotDisturb: true };
  assert.deepEqual(firstMove(always, own), { kind: 'forward', to: 'sip:b@d', cause: 302 });
  assert.deepEqual(firstMove({ ...all, doNotDisturb: true }, own), { kind: 'refuse' });
  assert.deepEqual(firstMove({}, own), { kind: 'ring', also: [] });
  const ringAlso = ['sip:c@d'];
  const move = { kind: 'ring', also: ringAlso, noAnswerMs: 5_000 };
  assert.deepEqual(firstMove({ ...all, ringAlso }, own), move);
});

test('beside another, phones ring or they do not: nothing is forwarded', () => {
  const beside = { isBeside: true };
  assert.deepEqual(firstMove({ ...all, ringAlso: ['sip:c@d'] }, beside), {
    kind: 'ring',
    also: [],
  });
  assert.deepEqual(firstMove({ forwardAlways: 'sip:b@d' }, beside), { kind: 'refuse' });
  assert.deepEqual(firstMove({ doNotDisturb: true }, beside), { kind: 'refuse' });
});
