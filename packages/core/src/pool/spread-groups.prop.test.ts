import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asPool, asServer, type ServerName } from '../ids.ts';
import { routingGroupsOf } from './routing-groups.ts';
import { isSameSpread, type OwnedGroups, spreadGroups } from './spread-groups.ts';

const all = Array.from({ length: 9 }, (_, index) => asServer(`east-${index + 1}`));
const groups = fc
  .integer({ min: 1, max: 40 })
  .map((routingGroups) => routingGroupsOf({ name: asPool('east'), routingGroups }));
const some = fc.subarray(all, { minLength: 1 });

const counts = (spread: readonly OwnedGroups[]) => spread.map((each) => each.groups.length);
const ownerOf = (spread: readonly OwnedGroups[], group: string) =>
  spread.find((each) => each.groups.some((own) => own === group))?.server;

test('each group has one owner, of those who may own, and the load is even', () => {
  fc.assert(
    fc.property(groups, some, some, (each, former, servers) => {
      const before = spreadGroups({ groups: each, servers: former, before: [] });
      const spread = spreadGroups({ groups: each, servers, before });
      assert.deepEqual(
        spread.map(({ server }) => server),
        servers,
      );
      assert.deepEqual(spread.flatMap((own) => own.groups).toSorted(), [...each].toSorted());
      assert.ok(Math.max(...counts(spread)) - Math.min(...counts(spread)) <= 1);
    }),
  );
});

test('when servers go, only their groups move', () => {
  fc.assert(
    fc.property(groups, some, fc.nat(), (each, former, at) => {
      fc.pre(former.length > 1);
      const gone = former[at % former.length];
      const before = spreadGroups({ groups: each, servers: former, before: [] });
      const servers = former.filter((server) => server !== gone);
      const spread = spreadGroups({ groups: each, servers, before });
      for (const group of each) {
        const owner = ownerOf(before, group);
        if (owner !== gone) assert.equal(ownerOf(spread, group), owner);
      }
    }),
  );
});

test('when a server comes, groups move to it alone, and no more than its share', () => {
  fc.assert(
    fc.property(groups, some, fc.constantFrom(...all), (each, former, come) => {
      fc.pre(!former.includes(come));
      const before = spreadGroups({ groups: each, servers: former, before: [] });
      const servers = all.filter((server) => server === come || former.includes(server));
      const spread = spreadGroups({ groups: each, servers, before });
      const moved = each.filter((group) => ownerOf(spread, group) !== ownerOf(before, group));
      assert.ok(moved.every((group) => ownerOf(spread, group) === come));
      assert.ok(moved.length <= Math.ceil(each.length / servers.length));
    }),
  );
});

test('what is spread already stays as it is', () => {
  fc.assert(
    fc.property(groups, some, (each, servers: readonly ServerName[]) => {
      const before = spreadGroups({ groups: each, servers, before: [] });
      assert.ok(isSameSpread(spreadGroups({ groups: each, servers, before }), before));
    }),
  );
});

test('without servers there are no owners', () => {
  const each = routingGroupsOf({ name: asPool('east'), routingGroups: 8 });
  assert.deepEqual(spreadGroups({ groups: each, servers: [], before: [] }), []);
});
