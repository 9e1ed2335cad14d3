import assert from 'node:assert/strict';
import test from 'node:test';
import { anIdentity } from '../../testing/index.ts';
import { judgeIdentity, withoutReturn } from './judge-identity.ts';
import { asLsn } from '../history/position.ts';

const recorded = anIdentity({ timeline: 2, flushedLsn: asLsn('1/0') });

test('a store that went on, or that nobody recorded yet, is itself', () => {
  assert.equal(judgeIdentity(recorded, undefined), undefined);
  assert.equal(judgeIdentity(recorded, recorded), undefined);
  assert.equal(judgeIdentity({ ...recorded, flushedLsn: asLsn('1/1') }, recorded), undefined);
  assert.equal(judgeIdentity({ ...recorded, timeline: 3 }, recorded), undefined);
});

test('E10: a lower log position, a lower timeline or another instance is another past', () => {
  const back = (difference: Parameters<typeof anIdentity>[0]) =>
    judgeIdentity({ ...recorded, ...difference }, recorded) ?? '';
  assert.match(back({ flushedLsn: asLsn('0/FFFFFFFF') }), /its log ends at 0\/FFFFFFFF/);
  assert.match(back({ timeline: 1, flushedLsn: asLsn('2/0') }), /timeline 1, was 2/);
  assert.match(back({ timeline: 3, flushedLsn: asLsn('0/1') }), /its log ends at/);
  assert.match(back({ systemIdentifier: '8' }), /another PostgreSQL instance/);
});

test('E10: a log that has grown past its old end makes a store that went back no better', () => {
  const grown = { ...recorded, flushedLsn: asLsn('2/0') };
  assert.equal(judgeIdentity(grown, recorded), undefined);
  assert.match(judgeIdentity(grown, withoutReturn(recorded)) ?? '', /was taken back in time/);
});
