import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asStore } from '../../ids.ts';
import { aRecord, names } from '../../testing/index.ts';
import { type Link, linkName } from './link.ts';
import { linksToKeep, seedLink, standingLink, wayBackLinks } from './links-of-record.ts';

const third = asStore('third-store');
const stores = [names.eastStore, names.westStore, third];
const before = aRecord();
const formerEast = {
  store: names.eastStore,
  since: asGeneration(1),
  generation: asGeneration(1),
  how: 'handOver',
} as const;
const after = aRecord({
  generation: asGeneration(2),
  since: asGeneration(2),
  active: names.westStore,
  former: formerEast,
});
const named = (links: readonly Link[]) => links.map(linkName).sort();

test('E6: the slot that a passive copy keeps is what the old side follows after the switch', () => {
  const kept = wayBackLinks(before, names.westStore, stores);
  assert.deepEqual(kept[0], standingLink(after, names.eastStore));
  assert.deepEqual(kept[1], standingLink(after, third));
});

test('E2: after a switch no slot of the former direction stays, but one that is followed', () => {
  const old = seedLink(before, third);
  const question = { record: after, store: names.eastStore, stores };
  const kept = named(linksToKeep({ ...question, followed: [] }));
  assert.deepEqual(kept, [
    'us_users_east_east_store_third_store_g2',
    'us_users_east_east_store_west_store_g2',
  ]);
  assert.ok(named(linksToKeep({ ...question, followed: [old] })).includes(linkName(old)));
});

test('the active copy keeps the slots of its followers, seeded and standing', () => {
  const kept = linksToKeep({ record: after, store: names.westStore, stores, followed: [] });
  assert.deepEqual(named(kept), [
    'us_users_east_west_store_east_store_g1',
    'us_users_east_west_store_east_store_g2',
    'us_users_east_west_store_third_store_g1',
    'us_users_east_west_store_third_store_g2',
  ]);
});

test('a standing slot that is not needed any more does not keep WAL', () => {
  const question = { record: after, store: names.westStore, stores: stores.slice(0, 2) };
  const seeded = seedLink(after, names.eastStore);
  assert.deepEqual(named(linksToKeep({ ...question, followed: [seeded] })), [
    'us_users_east_west_store_east_store_g2',
  ]);
  const forced = aRecord({ ...after, former: { ...formerEast, how: 'forced' } });
  assert.deepEqual(named(linksToKeep({ ...question, record: forced, followed: [] })), [
    'us_users_east_west_store_east_store_g2',
  ]);
});

test('no slot stands for anyone since birth', () => {
  assert.equal(standingLink(before, names.westStore), undefined);
});
