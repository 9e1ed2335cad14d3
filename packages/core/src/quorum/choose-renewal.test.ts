import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../generation.ts';
import { aVoteRecord, aWatch, names, voters } from '../testing/index.ts';
import { chooseRenewal, countLease } from './choose-renewal.ts';

const held = aVoteRecord();
const { dataset, holder, generation, leaseMs } = held;
const lease = { dataset, holder, generation, leaseMs };

test('every voter with the own record is asked to renew exactly that', () => {
  const watch = aWatch({ records: [held, held, held] });
  const { renewals, reminders } = chooseRenewal(lease, { voters, watch });
  assert.equal(reminders.length, 0);
  assert.deepEqual(renewals[0]?.expected, held);
  assert.deepEqual(renewals[0].next, { ...held, renewals: held.renewals + 1 });
  assert.equal(countLease(lease, { voters, watch }), 'won');
});

test("a voter that missed the take, forgot, or kept a rival's try is only reminded", () => {
  const rival = aVoteRecord({ holder: names.westStore, generation: asGeneration(8) });
  const before = aVoteRecord({ holder: names.westStore, generation: asGeneration(6) });
  for (const other of [rival, { ...rival, isReleased: true }, before, undefined]) {
    const watch = aWatch({ records: [held, held, other] });
    const { renewals, reminders } = chooseRenewal(lease, { voters, watch });
    assert.equal(renewals.length, 2);
    const [reminder] = reminders;
    assert.deepEqual(reminder?.expected, other);
    assert.equal(reminder?.next.generation, generation);
    // A lost try burns its generation, also when its record is gone.
    assert.ok(reminder.next.tried >= (other?.generation ?? 0));
    assert.equal(countLease(lease, { voters, watch }), 'won');
  }
});

test('what was released is renewed no more', () => {
  const freed = { ...held, isReleased: true };
  const watch = aWatch({ records: [freed, freed, freed] });
  assert.equal(chooseRenewal(lease, { voters, watch }).renewals.length, 0);
  assert.notEqual(countLease(lease, { voters, watch }), 'won');
});

test('a lost try of a rival deposes nobody, a majority of later records does', () => {
  const later = aVoteRecord({ holder: names.westStore, generation: asGeneration(8) });
  const count = (...records: Parameters<typeof aWatch>[0]['records']) =>
    countLease(lease, { voters, watch: aWatch({ records }) });
  assert.equal(count(held, held, later), 'won');
  assert.equal(count(held, undefined, later), 'pending');
  assert.equal(count(held, later, later), 'lost');
});
