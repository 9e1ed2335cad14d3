import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration } from '../generation.ts';
import { asPool, asServer } from '../ids.ts';
import { defaultLimits } from '../limits.ts';
import {
  chooseOwners,
  isLaterOwners,
  type OwnersAsked,
  ownersNews,
  type ServerSight,
} from './group-owners.ts';
import { routingGroupsOf } from './routing-groups.ts';

const [one, two] = [asServer('east-1'), asServer('east-2')];
const groups = routingGroupsOf({ name: asPool('east'), routingGroups: 8 });
const { serverSilenceMs, serverSteadyMs } = defaultLimits;

function aSight(difference: Partial<ServerSight> = {}): ServerSight {
  return {
    server: one,
    isDrained: false,
    silentMs: 0,
    steadyMs: serverSteadyMs,
    ...difference,
  };
}

function owners(sights: readonly ServerSight[], before: OwnersAsked['before'] = []) {
  const chosen = chooseOwners({ groups, sights, before, holder: one, limits: defaultLimits });
  return chosen.map(({ server, groups: own }) => [server, own.length]);
}
const both = chooseOwners({
  groups,
  sights: [aSight(), aSight({ server: two })],
  before: [],
  holder: one,
  limits: defaultLimits,
});

test('servers that answer share the groups; one that is silent or drained has none', () => {
  assert.deepEqual(owners([aSight(), aSight({ server: two })]), [
    [one, 4],
    [two, 4],
  ]);
  const silent = aSight({ server: two, silentMs: serverSilenceMs + 1 });
  assert.deepEqual(owners([aSight(), silent], both), [[one, 8]]);
  assert.deepEqual(owners([aSight(), aSight({ server: two, isDrained: true })], both), [[one, 8]]);
});

test('a server that comes waits for its groups; one that had them keeps them', () => {
  const fresh = aSight({ server: two, steadyMs: serverSteadyMs - 1 });
  assert.deepEqual(owners([aSight(), fresh]), [[one, 8]]);
  assert.deepEqual(owners([aSight(), fresh], both), [
    [one, 4],
    [two, 4],
  ]);
});

test('somebody serves where nobody is fit: who has just come, who is drained, the holder', () => {
  const fresh = aSight({ server: two, steadyMs: 0 });
  const silent = aSight({ silentMs: serverSilenceMs + 1 });
  assert.deepEqual(owners([silent, fresh]), [[two, 8]]);
  assert.deepEqual(owners([silent, aSight({ server: two, isDrained: true })]), [[two, 8]]);
  assert.deepEqual(owners([silent]), [[one, 8]]);
});

test('a later decision is told by the mount first, then by its number', () => {
  const of = (generation: number, number: number) => ({
    generation: asGeneration(generation),
    number,
    owned: [],
  });
  assert.ok(isLaterOwners(of(1, 1), undefined));
  assert.ok(isLaterOwners(of(2, 1), of(1, 9)));
  assert.ok(isLaterOwners(of(1, 2), of(1, 1)));
  assert.equal(isLaterOwners(of(1, 1), of(1, 1)), false);
  assert.equal(isLaterOwners(of(1, 9), of(2, 1)), false);
});

test('what has changed is said with its reason', () => {
  const alone = [{ server: one, groups }];
  const why = (server: string) => (server === two ? 'it is silent' : 'it answers');
  assert.equal(
    ownersNews(both, alone, why),
    'east-1 owns 8 instead of 4 (it answers), east-2 owns 0 instead of 4 (it is silent)',
  );
  assert.equal(ownersNews(both, both, why), undefined);
});
