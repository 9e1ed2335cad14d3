import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { aCopy, aFollowing, aRecord, names } from '../../testing/index.ts';
import { findLine } from './find-line.ts';

const [one, three, five] = [asGeneration(1), asGeneration(3), asGeneration(5)];

test('a copy that followed the former active one from a standing slot waits for its marker', () => {
  // West took over from east and hands over to a third: who follows it does so since generation 1.
  const former = { store: names.westStore, since: three, generation: three, linked: one };
  const record = aRecord({
    active: names.eastStore,
    since: five,
    generation: five,
    former: { ...former, how: 'handOver' },
  });
  const link = { ...aFollowing().link, from: names.westStore, to: names.eastStore };
  const follower = (since: typeof one) =>
    aCopy({ following: aFollowing({ link: { ...link, since } }), slots: [] });
  assert.equal(findLine(follower(one), record).kind, 'awaitsMarker');
  assert.equal(findLine(follower(three), record).kind, 'awaitsMarker');
  assert.equal(findLine(follower(asGeneration(2)), record).kind, 'unproven');
});
