import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asDataset, asDatasetId, asStore, type LossQuote } from '@understudy/core';
import { FakeCopy } from '@understudy/ports/fake';
import { QuoteChecker } from './quote-checker.ts';
import { SimWorld } from './sim-world.ts';
import { twoSites } from './two-sites.ts';

const dataset = asDataset('users-east');
const [east, west] = [asStore('east-store'), asStore('west-store')];

const quote: LossQuote = {
  dataset,
  copy: west,
  ageMs: 1_000,
  knownMissing: 0,
  mayBeMissing: 2,
  limit: 'best',
  isWithinLimit: true,
  why: 'quoted',
};

type Lost = Partial<LossQuote> & {
  /** Between two writes that west did not get. */
  readonly everyMs?: number;
  readonly isTold?: boolean;
};

/** West has 40 writes of east, a tenth of a second apart, and lacks five when it takes over. */
async function forcedWest({ everyMs = 100, isTold = true, ...difference }: Lost = {}) {
  const world = new SimWorld(1, twoSites(), { faults: new Set() });
  const [from, to] = [world.stores.get(east), world.stores.get(west)];
  const id = asDatasetId('01990000-0000-7000-8000-000000000001');
  const [active, survivor] = [new FakeCopy(dataset, id, true), new FakeCopy(dataset, id, true)];
  from?.copies.set(dataset, active);
  to?.copies.set(dataset, survivor);
  const checker = new QuoteChecker(world, () => active);
  const acknowledged = new Map<string, string>();
  checker.hear({ acknowledged });
  let reached = 0;
  for (let count = 0; count < 45; count++) {
    await world.clock.advance(count < 40 ? 100 : everyMs);
    const lsn = from?.nextLsn() ?? 0;
    if (count < 40) reached = lsn;
    active.commit(lsn, { kind: 'write', row: `row-${count}`, value: '1' });
    if (isTold) acknowledged.set(`row-${count}`, '1');
    checker.committed({ dataset, store: east, generation: 1 });
  }
  checker.accepted(checker.ask(), { quotes: [{ ...quote, ...difference }] });
  survivor.origins.push({ from: east, of: active, lsn: reached });
  checker.committed({ dataset, store: west, generation: 2 });
  return checker.violations.map(({ what }) => what);
}

test('A5: a quote that is lower than what was missing is found', async () => {
  assert.deepEqual(await forcedWest(), ['west-store lacked 5 writes, and 2 were quoted (quoted)']);
  assert.deepEqual(await forcedWest({ mayBeMissing: 3, knownMissing: 2 }), []);
});

test('users who write faster than they were heard to were promised nothing', async () => {
  assert.deepEqual(await forcedWest({ everyMs: 10 }), []);
});

test('V7: of a copy in sync each write that a client was told of counts, no other', async () => {
  const inSync = { isInSync: true, mayBeMissing: 0, everyMs: 10 } as const;
  assert.equal((await forcedWest(inSync)).length, 1);
  assert.deepEqual(await forcedWest({ ...inSync, isTold: false }), []);
});
