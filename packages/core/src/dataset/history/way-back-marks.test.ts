import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asGeneration } from '../../generation.ts';
import { asLsn } from './position.ts';
import { nextWayBackMarks, type WayBackMarks } from './way-back-marks.ts';

const generation = asGeneration(1);
const lsnOf = (value: number) => asLsn(`0/${value.toString(16).toUpperCase()}`);
const at = (value: number | undefined) =>
  value === undefined ? undefined : { generation, lsn: lsnOf(value) };
const numberOf = (lsn: string) => Number.parseInt(lsn.slice(2), 16);

test('the slot stays one mark behind what the further copy has', () => {
  let marks: WayBackMarks | undefined;
  const cycle = (written: number, applied: number, follower?: number) => {
    const next = nextWayBackMarks(marks, {
      writtenLsn: lsnOf(written),
      applied: at(applied),
      follower: at(follower),
    });
    marks = next;
    return next.advanceTo;
  };
  assert.equal(cycle(100, 10, 10), undefined);
  assert.equal(cycle(110, 20, 20), undefined); // One mark: nothing to be behind of.
  assert.equal(cycle(120, 30, 20), undefined);
  assert.equal(cycle(130, 40, 30), lsnOf(100)); // It has 20, which stands behind the place.
  assert.equal(cycle(140, 50), undefined); // Silent.
  assert.equal(cycle(150, 50, 50), lsnOf(120));
});

/** A history of this copy: transactions by their place here, with their place on the active one. */
const steps = fc.array(
  fc.record({
    applies: fc.integer({ min: 0, max: 3 }),
    follower: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  }),
  { maxLength: 120 },
);

test('E6, A4: what the further copy lacks is in the slot, and something that it has', () => {
  fc.assert(
    fc.property(steps, (history) => {
      let marks: WayBackMarks | undefined;
      let [here, there, has] = [1, 1, 0];
      const log: { readonly here: number; readonly there: number }[] = [];
      let slot = 0;
      for (const { applies, follower } of history) {
        const writtenLsn = lsnOf(here);
        for (let count = 0; count < applies; count += 1) {
          log.push({ here: (here += 2), there: (there += 3) });
        }
        if (follower !== undefined) has = Math.min(has + follower, there);
        const heard = follower === undefined ? undefined : has;
        const next = nextWayBackMarks(marks, {
          writtenLsn,
          applied: at(there),
          follower: at(heard),
        });
        marks = next;
        if (next.advanceTo === undefined) continue;
        slot = numberOf(next.advanceTo);
        const kept = log.filter((each) => each.here > slot);
        const lacked = log.filter((each) => each.there > has);
        assert.ok(lacked.every((each) => kept.includes(each)));
        assert.ok(kept.some((each) => each.there <= has));
      }
    }),
  );
});

test('of a copy that is silent for long no more is remembered than has a bound', () => {
  let marks: WayBackMarks | undefined;
  for (let round = 1; round < 500; round += 1) {
    marks = nextWayBackMarks(marks, {
      writtenLsn: lsnOf(round),
      applied: at(round),
      follower: undefined,
    });
  }
  assert.ok((marks?.marks.length ?? 0) < 100);
});

test('what a crash took back begins anew', () => {
  const look = { writtenLsn: lsnOf(9), follower: undefined };
  let marks = nextWayBackMarks(undefined, { ...look, applied: at(5) });
  marks = nextWayBackMarks(marks, { ...look, applied: at(9) });
  marks = nextWayBackMarks(marks, { ...look, applied: at(7) });
  assert.deepEqual(
    marks.marks.map(({ applied }) => applied),
    [at(7)],
  );
});
