import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, noGeneration } from '../../generation.ts';
import { asRun, asStore } from '../../ids.ts';
import { names } from '../../testing/index.ts';
import { asLsn } from '../history/position.ts';
import { chooseSalvageWay, type SalvageQuestion } from './choose-salvage-way.ts';

const [first, second] = [asGeneration(1), asGeneration(2)];
const origin = { from: names.eastStore, generation: first, lsn: asLsn('0/80') };

function way(difference: Partial<SalvageQuestion> = {}) {
  return chooseSalvageWay({
    store: names.eastStore,
    active: names.westStore,
    mountedGeneration: first,
    heartbeatGeneration: first,
    isTakenBack: false,
    origin,
    slot: 'there',
    ...difference,
  }).way;
}

const handedOver = { generation: first, run: asRun('r'), attempt: 1, target: names.westStore };

test('A1: a slot that stands is read behind the stored position', () => {
  assert.equal(way(), 'tail');
});

test('A3: without a slot, or where somebody else followed it last, tables are compared', () => {
  assert.equal(way({ slot: 'gone' }), 'tables');
  assert.equal(way({ slot: 'lost' }), 'tables');
  assert.equal(way({ origin: { ...origin, from: names.westStore } }), 'tables');
  const { origin: _, ...never } = { origin };
  assert.equal(chooseSalvageWay({ ...never, ...base() }).way, 'tables');
});

function base(): Omit<SalvageQuestion, 'origin'> {
  const about = { store: names.eastStore, mountedGeneration: first, heartbeatGeneration: first };
  return { ...about, active: names.westStore, isTakenBack: false, slot: 'there' };
}

test('what nobody ever wrote to, or was handed over and followed since, holds nothing', () => {
  assert.equal(way({ mountedGeneration: noGeneration }), 'nothing');
  assert.equal(way({ handedOver, heartbeatGeneration: second }), 'nothing');
  // The hand-over was perhaps not used: its last writes may be nowhere else.
  assert.equal(way({ handedOver }), 'tail');
});

test('A4: a copy that had more of the lost side than the active one is compared with it', () => {
  const mountedGeneration = noGeneration;
  const at = (lsn: string, from = names.eastStore) => ({
    mountedGeneration,
    lostOrigin: { from, generation: first, lsn: asLsn(lsn) },
  });
  assert.equal(way(at('0/90')), 'tables');
  assert.equal(way(at('0/80')), 'nothing');
  const ofActive = at('0/90', names.westStore);
  assert.equal(way({ ...ofActive, heartbeatGeneration: second }), 'nothing');
  // West followed east after that: what stands there now may be another copy.
  assert.equal(way(ofActive), 'tables');
  assert.equal(way(at('0/10', asStore('north-store'))), 'tables');
});

test('E10: the log of a store that went back in time tells no order', () => {
  assert.equal(way({ isTakenBack: true }), 'tables');
  // Mounted since, under a generation that others had heard of when they took over.
  const heard = { ...origin, generation: second };
  assert.equal(way({ isTakenBack: true, mountedGeneration: second, origin: heard }), 'tables');
});
