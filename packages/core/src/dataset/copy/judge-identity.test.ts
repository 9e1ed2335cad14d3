import assert from 'node:assert/strict';
import test from 'node:test';
import { anIdentity } from '../../testing/index.ts';
import { asRecorded, judgeIdentity, withoutReturn } from './judge-identity.ts';
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

const starts = ['1', '2', '3'].map((startedAt, index) => ({
  startedAt,
  lsn: asLsn(`${index}/0`),
}));
/** As it is now: its log has long passed what was recorded. */
const later = { ...recorded, flushedLsn: asLsn('9/0'), starts, ...start('3') };

function start(startedAt: string) {
  return { start: starts.find((each) => each.startedAt === startedAt)! };
}

test('E10: a restored store that wrote past what others saw is told by its starts', () => {
  // Seen at 1/0 in its first start; the second found a log that ended there, or before it.
  assert.equal(judgeIdentity(later, { ...recorded, ...start('1') }), undefined);
  const beyond = { ...recorded, flushedLsn: asLsn('1/8') };
  assert.match(judgeIdentity(later, { ...beyond, ...start('1') }) ?? '', /log ended at 1\/0/);
  assert.equal(judgeIdentity(later, { ...beyond, ...start('2') }), undefined);
  // The start that others saw is not in its past at all.
  const lost = { ...recorded, start: { startedAt: 'lost', lsn: asLsn('0/0') } };
  assert.match(judgeIdentity(later, lost) ?? '', /does not know of a start/);
});

test('a store or record without starts is judged by its log alone', () => {
  const { starts: _, ...silent } = later;
  assert.equal(judgeIdentity(silent, { ...recorded, ...start('1') }), undefined);
  assert.equal(judgeIdentity(later, recorded), undefined);
});

test('E10: what was recorded before a store was begun anew tells nothing of it', () => {
  const empty = { ...recorded, systemIdentifier: '8', flushedLsn: asLsn('0/1') };
  assert.equal(asRecorded(empty, { recorded: undefined, isEmpty: true }), empty);
  const begun = asRecorded(empty, { recorded, isEmpty: true });
  assert.deepEqual(begun, { ...empty, incarnation: 1 });
  // It does not know it yet, and is asked again.
  assert.deepEqual(asRecorded(empty, { recorded: begun, isEmpty: true }), begun);
  assert.deepEqual(asRecorded(empty, { recorded: begun, isEmpty: false }), begun);
  assert.equal(judgeIdentity(empty, begun), undefined);
  // Who was away comes with what it was before.
  assert.match(judgeIdentity(empty, recorded) ?? '', /another PostgreSQL instance/);
  assert.equal(judgeIdentity(begun, recorded), undefined);
  assert.equal(asRecorded(begun, { recorded, isEmpty: false }), begun);
  // Its old disk is no incarnation of that kind, and neither is a snapshot of the new one.
  assert.match(judgeIdentity(recorded, begun) ?? '', /another PostgreSQL instance/);
  const later = { ...begun, flushedLsn: asLsn('0/8') };
  assert.match(judgeIdentity(begun, later) ?? '', /was taken back in time/);
  assert.deepEqual(asRecorded(later, { recorded: withoutReturn(later), isEmpty: true }), {
    ...later,
    incarnation: 2,
  });
});
