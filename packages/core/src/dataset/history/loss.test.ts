import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultLimits } from '../../limits.ts';
import { names } from '../../testing/index.ts';
import { type LossQuestion, quoteLoss, quoteWhenOff, unknownAgeMs } from './loss.ts';

const lag = { heartbeatAgeMs: 2_000, writesPerSecond: 100, lastWord: { writes: 7, ageMs: 2_000 } };

function quote(difference: Partial<LossQuestion> = {}) {
  return quoteLoss({
    dataset: names.usersEast,
    copy: names.westStore,
    lag,
    limit: 'good',
    limits: defaultLimits,
    oldGate: 'saidOff',
    ...difference,
  });
}

test('A5: the quote is what is known to be missing plus what may be', () => {
  const { knownMissing, mayBeMissing, ageMs } = quote();
  assert.deepEqual([knownMissing, mayBeMissing, ageMs], [7, 200, 2_000]);
});

test('A5: while the old gate may be open the quote is unbounded and within no limit', () => {
  const open = quote({ oldGate: 'notProven', limit: { maxAgeMs: 1_000_000 } });
  assert.equal(open.mayBeMissing, undefined);
  assert.equal(open.isWithinLimit, false);
  assert.equal(open.ifOff?.mayBeMissing, 200);
});

test('the word that the other side is off bounds the quote', () => {
  const open = quote({ oldGate: 'notProven' });
  assert.deepEqual(quoteWhenOff(open, 'word'), quote());
  assert.equal(quoteWhenOff(open, 'nothing'), open);
});

test('A5: a gate that is only to be fenced counts as open until then', () => {
  const open = quote({ oldGate: 'notProven', fencingMs: 3_000 });
  assert.equal(open.mayBeMissing, undefined);
  const fenced = quoteWhenOff(open, 'fencing');
  assert.deepEqual([fenced.mayBeMissing, fenced.isWithinLimit], [500, true]);
  assert.equal(
    fenced.why,
    'west-store last heard the active copy 2.0 s ago; 7 writes known to be missing, and up to ' +
      '500 writes more may be, until the other side is fenced; within the loss limit good',
  );
  const slow = quoteWhenOff(quote({ oldGate: 'notProven', fencingMs: 3_001 }), 'fencing');
  assert.equal(slow.isWithinLimit, false);
  assert.equal(quoteWhenOff(quote({ oldGate: 'notProven' }), 'fencing').mayBeMissing, undefined);
});

test('A5: a gate whose lease has passed ends the count there, however long ago that was', () => {
  const passed = (shutForMs: number) => quote({ oldGate: { shutForMs } });
  assert.equal(passed(500).mayBeMissing, 150);
  assert.equal(passed(9_000).mayBeMissing, 0);
  assert.deepEqual(quoteWhenOff(passed(500), 'word'), passed(500));
  assert.equal(
    passed(500).why,
    'west-store last heard the active copy 2.0 s ago; 7 writes known to be missing, and up to ' +
      '150 writes more may be, until its lease passed; within the loss limit good',
  );
});

test('A5: the count begins with the last word', () => {
  const since = (writes: number, ageMs: number) =>
    quote({ lag: { ...lag, lastWord: { writes, ageMs } } });
  const [older, newer] = [since(0, 3_000), since(900, 500)];
  assert.deepEqual([older.knownMissing, older.mayBeMissing], [0, 300]);
  assert.deepEqual([newer.knownMissing, newer.mayBeMissing], [900, 50]);
});

test('A5: of a copy that heard too little there is no bound, whoever is off', () => {
  const { writesPerSecond: _, ...unheard } = lag;
  const ageless = { ...lag, lastWord: { writes: 7 } };
  for (const heard of [unheard, ageless]) {
    for (const oldGate of ['notProven', 'saidOff', { shutForMs: 9_000 }] as const) {
      const { knownMissing, mayBeMissing, ifOff, isWithinLimit } = quote({ lag: heard, oldGate });
      assert.deepEqual([knownMissing, mayBeMissing, ifOff], [7, undefined, undefined]);
      assert.equal(isWithinLimit, false);
    }
  }
  assert.equal(
    quote({ lag: unheard }).why,
    'west-store last heard the active copy 2.0 s ago; 7 writes known to be missing, and how ' +
      'much more cannot be bounded, for too few of its heartbeats were heard; beyond the loss ' +
      'limit good',
  );
});

test('limits judge the age of the heartbeat: good 5 s, best 60 s, or a figure', () => {
  const at = (heartbeatAgeMs: number, limit: LossQuestion['limit']) =>
    quote({ lag: { ...lag, heartbeatAgeMs }, limit }).isWithinLimit;
  assert.deepEqual([at(5_000, 'good'), at(5_001, 'good')], [true, false]);
  assert.deepEqual([at(60_000, 'best'), at(60_001, 'best')], [true, false]);
  assert.deepEqual([at(300, { maxAgeMs: 300 }), at(301, { maxAgeMs: 300 })], [true, false]);
});

test('A5: lossless passes only for a copy that is recorded as in sync', () => {
  const level = { heartbeatAgeMs: 0, writesPerSecond: 0, lastWord: { writes: 0, ageMs: 0 } };
  assert.equal(quote({ lag: level, limit: 'lossless' }).isWithinLimit, false);
  assert.equal(quote({ lag: level, limit: 'lossless', isInSync: true }).isWithinLimit, true);
  const { why, knownMissing, mayBeMissing } = quote({ oldGate: 'notProven', isInSync: true });
  assert.deepEqual([knownMissing, mayBeMissing], [0, 0]);
  assert.match(why, /west-store is recorded as in sync: every acknowledged write is on it/);
});

test('a copy that never heard a heartbeat is beyond every limit', () => {
  const never = quote({ lag: {}, limit: 'best' });
  assert.equal(never.ageMs, unknownAgeMs);
  assert.equal(never.isWithinLimit, false);
  assert.deepEqual(JSON.parse(JSON.stringify(never)), never);
});

test('the quote in words', () => {
  assert.equal(
    quote().why,
    'west-store last heard the active copy 2.0 s ago; 7 writes known to be missing, ' +
      'and up to 200 writes more may be; within the loss limit good',
  );
  assert.equal(
    quote({ oldGate: 'notProven' }).why,
    'west-store last heard the active copy 2.0 s ago; 7 writes known to be missing, and how ' +
      'much more cannot be bounded while the other side may be writing (up to 200 writes more ' +
      'if the other side is off); beyond the loss limit good',
  );
});
