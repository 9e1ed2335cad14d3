import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asGeneration } from '../../generation.ts';
import { asDatasetId, asStore } from '../../ids.ts';
import { aCopyReport, aFollowing, aQuote, aRecord, names } from '../../testing/index.ts';
import { copyLifecycle } from '../copy/copy-lifecycle.ts';
import type { CopyState } from '../copy/copy-state.ts';
import { asLsn } from '../history/position.ts';
import { activeTime, positionIn } from '../history/position-reached.ts';
import {
  type CopyCandidate,
  chooseBestCopy,
  type OutReason,
  outReasons,
} from './choose-best-copy.ts';

// Whatever copies there are: every one of them is chosen or has one reason, the choice does not
// hang on the order in which they are named, and what is refused is never chosen.

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined });
/** Mostly the usual, so that often several copies can be chosen. */
const mostly = <Value>(usual: Value, ...others: readonly Value[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
const lsn = fc.constantFrom('0/1', '0/2', '0/3').map(asLsn);
const generation = mostly(1, 2, 3).map(asGeneration);
const source = mostly(names.eastStore, names.westStore);

const report = fc
  .record({
    state: fc.oneof(
      { weight: 3, arbitrary: fc.constant('healthy' as const) },
      fc.constantFrom(...(Object.keys(copyLifecycle) as CopyState[])),
    ),
    isWhole: mostly(true, false),
    id: mostly(names.usersEastId, asDatasetId('another')),
    link: optional(fc.record({ from: source, since: generation })),
    appliedLsn: optional(lsn),
    origin: optional(fc.record({ from: source, generation, lsn })),
  })
  .map(({ link, appliedLsn, origin, ...rest }) => {
    const { following: _none, ...bare } = aCopyReport(rest);
    const { appliedLsn: _lsn, ...following } = aFollowing();
    return {
      ...bare,
      ...(link && {
        following: {
          ...following,
          link: { ...following.link, ...link },
          ...(appliedLsn && { appliedLsn }),
        },
      }),
      ...(origin && { origin }),
    };
  });

const candidates = fc.uniqueArray(
  fc.record({
    store: fc.integer({ min: 1, max: 9 }).map((index) => asStore(`store-${index}`)),
    preference: fc.integer({ min: 1, max: 4 }),
    out: mostly<OutReason | undefined>(undefined, ...outReasons).map(
      (reason) => reason && { reason, why: 'it is so' },
    ),
    report: fc.option(report, { nil: undefined, freq: 8 }),
    quote: optional(fc.boolean().map((isWithinLimit) => aQuote({ isWithinLimit }))),
  }),
  { selector: ({ store }) => store, maxLength: 7 },
) as fc.Arbitrary<CopyCandidate[]>;

const question = fc.record({
  candidates,
  mode: fc.constantFrom('planned' as const, 'forced' as const),
  since: generation,
});
const asked = question.map(({ since, ...rest }) => ({
  ...rest,
  record: aRecord({ since, generation: asGeneration(3) }),
}));

test('every copy is chosen, or has exactly one reason', () => {
  fc.assert(
    fc.property(asked, (each) => {
      const { chosen, notChosen } = chooseBestCopy(each);
      const named = [...(chosen === undefined ? [] : [chosen]), ...notChosen.map((no) => no.store)];
      assert.deepEqual(named.toSorted(), each.candidates.map(({ store }) => store).toSorted());
      for (const { why } of notChosen) assert.notEqual(why, '');
    }),
  );
});

test('the same copies give the same choice, in whatever order they are named', () => {
  fc.assert(
    fc.property(asked, fc.func(fc.integer()), (each, place) => {
      const shuffled = each.candidates.toSorted((a, b) => place(a.store) - place(b.store));
      const first = chooseBestCopy(each);
      const second = chooseBestCopy({ ...each, candidates: shuffled });
      assert.equal(first.chosen, second.chosen);
      const byStore = (choice: typeof first) =>
        new Map(choice.notChosen.map((no) => [no.store, no.reason] as const));
      const reasons = byStore(second);
      for (const [store, reason] of byStore(first)) assert.equal(reasons.get(store), reason);
    }),
  );
});

test('what is out of the question, or refused when alone, is never chosen', () => {
  fc.assert(
    fc.property(asked, (each) => {
      const { chosen } = chooseBestCopy(each);
      const best = each.candidates.find(({ store }) => store === chosen);
      const fit = each.candidates.filter(
        (candidate) => chooseBestCopy({ ...each, candidates: [candidate] }).chosen !== undefined,
      );
      if (best === undefined) assert.deepEqual(fit, []);
      else assert.ok(best.out === undefined && fit.includes(best));
    }),
  );
});

test('A4: by force nothing that may be chosen has more of the active copy than the chosen', () => {
  fc.assert(
    fc.property(asked, (each) => {
      if (each.mode !== 'forced') return;
      const time = activeTime(each.record);
      const lsnOf = ({ report: of }: CopyCandidate) => (of && positionIn(of, time)?.lsn) ?? '';
      const { chosen } = chooseBestCopy(each);
      const best = each.candidates.find(({ store }) => store === chosen);
      if (best === undefined) return;
      for (const other of each.candidates) {
        const alone = chooseBestCopy({ ...each, candidates: [other] });
        if (alone.chosen !== undefined) assert.ok(lsnOf(best) >= lsnOf(other));
      }
    }),
  );
});
