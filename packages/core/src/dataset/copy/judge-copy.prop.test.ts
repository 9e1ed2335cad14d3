import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asGeneration } from '../../generation.ts';
import { asDatasetId, asStore } from '../../ids.ts';
import {
  aCopy,
  aFollowing,
  aHeartbeat,
  aMountedCopy,
  aRecord,
  aSituation,
  aSlot,
  names,
} from '../../testing/index.ts';
import type { CopySituation } from './copy-situation.ts';
import { judgeCopy } from './diagnose-copy.ts';
import { mayMount } from '../move/mount-rules.ts';

// Whatever the world looks like, some things hold. Situations are made of few values each, so that
// all meet all.

const generation = fc.integer({ min: 0, max: 4 }).map(asGeneration);
const store = fc.constantFrom(names.eastStore, names.westStore, asStore('third-store'));
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined });

const record = fc
  .record({
    generation,
    active: store,
    since: generation,
    former: optional(
      fc.record({
        store,
        since: generation,
        generation,
        how: fc.constantFrom('handOver' as const, 'forced' as const),
      }),
    ),
    dismounted: optional(fc.constant('for repairs')),
    id: fc.constantFrom(names.usersEastId, asDatasetId('another')),
  })
  .map(({ former, dismounted, ...rest }) =>
    aRecord({
      ...rest,
      ...(former === undefined ? {} : { former }),
      ...(dismounted === undefined ? {} : { dismounted }),
    }),
  );

const link = fc.record({
  dataset: fc.constant(names.usersEast),
  from: store,
  to: store,
  since: generation,
});

const following = fc
  .record({
    link,
    isEnabled: fc.boolean(),
    isConnected: fc.boolean(),
    tablesReady: fc.integer({ min: 9, max: 10 }),
    conflicts: fc.integer({ min: 0, max: 1 }),
  })
  .map(aFollowing);

const copy = fc
  .record({
    mountedGeneration: generation,
    generationSeen: generation,
    gate: fc.record({ isOpen: fc.boolean(), generation, validUntilMs: fc.constant(1) }),
    following: optional(following),
    handedOver: optional(
      fc.record({
        generation,
        run: fc.constant('run' as never),
        attempt: fc.constant(1),
        target: store,
      }),
    ),
    heartbeat: generation.map((each) => aHeartbeat({ generation: each })),
    slots: fc.array(
      link.map((each) => aSlot({ link: each })),
      { maxLength: 2 },
    ),
  })
  .chain(({ following: followed, handedOver, ...rest }) =>
    store.map((each) => {
      const { following: _none, ...base } = aCopy();
      return {
        ...base,
        ...rest,
        store: each,
        ...(followed === undefined ? {} : { following: followed }),
        ...(handedOver === undefined ? {} : { handedOver }),
      };
    }),
  );

const situation: fc.Arbitrary<CopySituation> = fc
  .record({
    store,
    copy: optional(copy),
    record: optional(record),
    isStoreUp: fc.boolean(),
    isHeld: fc.boolean(),
    isRightLost: fc.boolean(),
    applyErrorsGrew: fc.boolean(),
    active: optional(fc.constant(aMountedCopy())),
    takenBack: optional(fc.constant('taken back')),
    silent: fc.boolean(),
  })
  .map(({ silent, copy: seen, ...rest }) => {
    const here = seen === undefined ? undefined : { ...seen, store: rest.store };
    const question = { ...rest, copy: here, silent: silent ? [names.westServer] : [] };
    return aSituation({
      ...rest,
      copy: here,
      mount: mayMount({ ...question, by: 'itself' }),
    });
  });

const runs = { numRuns: 3_000 };

test('a state fits its facts: nothing that follows from them leads to waiting', () => {
  fc.assert(
    fc.property(situation, (each) => {
      const { state, next, facts } = judgeCopy(each);
      const idle = ['wait', 'keepFollowing', 'stopFollowing'];
      assert.ok(!idle.includes(next?.action ?? ''), `${state} ${facts.join()} ${next?.fact}`);
    }),
    runs,
  );
});

test('E1: a copy mounts by itself only where the newest decision names it', () => {
  fc.assert(
    fc.property(situation, (each) => {
      const { next } = judgeCopy(each);
      if (next?.action !== 'mountAgain') return;
      assert.equal(each.record?.active, each.store);
      assert.equal(each.copy?.id, each.record?.id);
      assert.equal(each.takenBack, undefined);
      assert.ok((each.copy?.generationSeen ?? 0) <= (each.record?.generation ?? 0));
    }),
    runs,
  );
});

test('an open gate is shut at once when a newer decision names another, or without right', () => {
  fc.assert(
    fc.property(situation, (each) => {
      if (!each.isStoreUp || each.copy?.gate.isOpen !== true) return;
      const isOther = each.record !== undefined && each.record.active !== each.store;
      if (!isOther && each.isRightLost !== true) return;
      assert.equal(judgeCopy(each).next?.action, 'fenceSelf');
    }),
    runs,
  );
});

test('only a Healthy copy prepares the way back, and a copy held by a run is left alone', () => {
  fc.assert(
    fc.property(situation, (each) => {
      const { state, next } = judgeCopy(each);
      if (next?.action === 'prepareWayBack') assert.equal(state, 'healthy');
      if (!each.isHeld) return;
      // The run waits for a copy that stands still, and orders nobody to connect it.
      const own = ['fenceSelf', 'suspendFollowing', 'dismount', 'resumeFollowing'];
      if (each.active?.gate.isOpen === true) own.push('followActive');
      assert.ok(next === undefined || own.includes(next.action), next?.action);
    }),
    runs,
  );
});

test('a copy that was mounted and never handed over does not follow anyone', () => {
  fc.assert(
    fc.property(situation, (each) => {
      const { copy: seen, record: decided } = each;
      if (seen === undefined || seen.mountedGeneration === 0) return;
      if (seen.handedOver !== undefined || decided?.active === each.store) return;
      const { next, state } = judgeCopy(each);
      assert.notEqual(state, 'healthy');
      const follows = ['followActive', 'resumeFollowing', 'seedFromActive'];
      assert.ok(!follows.includes(next?.action ?? ''), next?.action);
    }),
    runs,
  );
});
