import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration, noGeneration } from '../../generation.ts';
import { asStore } from '../../ids.ts';
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
import { classifyCopy } from './classify-copy.ts';
import type { CopyObservation } from './copy-observation.ts';
import type { CopySituation } from './copy-situation.ts';
import { judgeCopy } from './diagnose-copy.ts';

const [one, two, three] = [1, 2, 3].map(asGeneration) as [
  ReturnType<typeof asGeneration>,
  ReturnType<typeof asGeneration>,
  ReturnType<typeof asGeneration>,
];
const third = asStore('third-store');
const shut = { isOpen: false, generation: noGeneration, validUntilMs: 0 };

/** East handed over to west under generation 2. */
const handedOver = aRecord({
  generation: two,
  since: two,
  active: names.westStore,
  former: { store: names.eastStore, since: one, generation: one, how: 'handOver' },
});
const forced = { ...handedOver, former: { ...handedOver.former!, how: 'forced' as const } };

/** East after it was active under generation 1: not mounted, not following. */
function returned(difference: Partial<CopyObservation> = {}): CopyObservation {
  return aMountedCopy({ gate: shut, ...difference });
}
const sent = {
  generation: one,
  run: 'run' as never,
  attempt: 1,
  target: names.westStore,
};

function stateOf(difference: Partial<CopySituation>): string {
  const { state, next } = judgeCopy(aSituation(difference));
  return next === undefined ? state : `${state}: ${next.fact} -> ${next.action}`;
}
const ofCopy = (difference: Partial<CopyObservation>) => stateOf({ copy: aCopy(difference) });
const ofFollowing = (difference: Parameters<typeof aFollowing>[0]) =>
  ofCopy({ following: aFollowing(difference) });
const inEast = { store: names.eastStore };

test('a passive copy that equals the active one is Healthy and nothing follows', () => {
  assert.equal(stateOf({}), 'healthy');
});

test('E8: each single difference of the comparison takes Healthy away', () => {
  assert.equal(ofCopy({ tablesHash: 'tables-2' }), 'catchingUp');
  assert.equal(ofCopy({ migration: 2 }), 'catchingUp');
  assert.equal(ofCopy({ heartbeat: aHeartbeat({ generation: two }) }), 'catchingUp');
  assert.equal(stateOf({ lag: {} }), 'catchingUp');
  assert.equal(stateOf({ lag: { heartbeatAgeMs: 6_000 } }), 'catchingUp');
  assert.equal(ofFollowing({ tablesReady: 9 }), 'seeding');
  assert.equal(ofFollowing({ conflicts: 1 }).split(':')[0], 'diverged');
  assert.equal(stateOf({ applyErrorsGrew: true }), 'failed');
  assert.equal(ofFollowing({ isConnected: false }), 'disconnected');
});

test('E6: a Healthy copy whose slot for the way back is missing makes it', () => {
  assert.equal(ofCopy({ slots: [] }), 'healthy: wayBackMissing -> prepareWayBack');
  assert.equal(
    ofCopy({ slots: [aSlot({ isLost: true })] }),
    'healthy: wayBackMissing -> prepareWayBack',
  );
  assert.equal(
    stateOf({ stores: [names.eastStore, names.westStore, third] }),
    'healthy: wayBackMissing -> prepareWayBack',
  );
});

test('an absent copy is seeded while the active one answers, and never created empty', () => {
  assert.equal(stateOf({ copy: undefined }), 'seeding: copyAbsent -> seedFromActive');
  assert.equal(stateOf({ copy: undefined, active: undefined }), 'seeding');
  assert.equal(stateOf({ copy: undefined, record: undefined }), 'seeding');
  assert.equal(stateOf({ copy: undefined, isHeld: true }), 'seeding');
  assert.equal(stateOf({ copy: undefined, ...inEast }), 'failed');
});

test('the active copy: mounted, or dismounted until the rules allow a mount', () => {
  const mounted = { copy: aMountedCopy(), ...inEast };
  assert.equal(stateOf(mounted), 'mounted');
  assert.equal(stateOf({ ...mounted, isRightLost: true }), 'mounted: rightLost -> fenceSelf');
  assert.equal(
    stateOf({ ...mounted, record: handedOver }),
    'mounted: anotherIsActive -> fenceSelf',
  );
  assert.equal(
    stateOf({ ...mounted, record: aRecord({ dismounted: 'for repairs' }) }),
    'mounted: dismountRecorded -> dismount',
  );
  const allowed = { answer: 'allowed', why: 'nobody knows of a newer decision' } as const;
  assert.equal(
    stateOf({ ...mounted, record: aRecord({ generation: two }), mount: allowed }),
    'mounted: gateOutdated -> mountAgain',
  );
  assert.equal(stateOf({ copy: returned(), ...inEast }), 'dismounted');
  assert.equal(
    stateOf({ copy: returned(), ...inEast, mount: allowed }),
    'dismounted: mountAllowed -> mountAgain',
  );
  assert.equal(
    stateOf({ copy: returned(), ...inEast, mount: allowed, isHeld: true }),
    'dismounted',
  );
});

test('the old side of a planned switch follows from the standing slot and copies nothing', () => {
  const copy = returned({ handedOver: sent });
  const link = { ...aFollowing().link, from: names.westStore, to: names.eastStore, since: one };
  const active = aMountedCopy({ store: names.westStore, slots: [aSlot({ link })] });
  const situation = { ...inEast, record: handedOver, active };
  assert.equal(stateOf({ ...situation, copy }), 'disconnected: followPossible -> followActive');
  assert.equal(stateOf({ ...situation, copy, active: undefined }), 'disconnected');
  const wayBack = aSlot({
    link: { ...link, from: names.eastStore, to: names.westStore, since: two },
  });
  const following = returned({
    handedOver: sent,
    following: aFollowing({ link }),
    heartbeat: aHeartbeat({ generation: two }),
    slots: [wayBack],
  });
  assert.equal(stateOf({ ...situation, copy: following }), 'healthy');
});

test('E6: without the standing slot the old side is reseeded', () => {
  const copy = returned({ handedOver: sent });
  for (const slots of [[], [aSlot({ isLost: true })]]) {
    const active = aMountedCopy({ store: names.westStore, slots });
    assert.equal(
      stateOf({ ...inEast, record: handedOver, copy, active }),
      'failed: reseedPossible -> setAside',
    );
  }
});

test('a copy that was mounted and did not hand over is Diverged once another is active', () => {
  const situation = { ...inEast, record: forced };
  assert.equal(
    stateOf({ ...situation, copy: returned() }),
    'diverged: returnPossible -> beginReturn',
  );
  assert.equal(stateOf({ ...situation, copy: returned(), active: undefined }), 'diverged');
  const unusedHandOver = returned({ handedOver: sent });
  assert.match(stateOf({ ...situation, copy: unusedHandOver }), /^diverged/);
  const later = { ...handedOver, former: { ...handedOver.former!, store: third } };
  assert.match(stateOf({ ...inEast, record: later, copy: unusedHandOver }), /^diverged/);
});

test('E10: a store taken back in time makes any copy on it Diverged', () => {
  const takenBack = 'west-store was taken back in time';
  assert.match(stateOf({ takenBack }), /^diverged/);
  assert.equal(stateOf({ takenBack, ...inEast, copy: returned() }), 'diverged');
  assert.equal(
    stateOf({ takenBack, ...inEast, copy: aMountedCopy() }),
    'mounted: divergenceFound -> fenceSelf',
  );
});

test('a further copy moves to the new active one when the marker has arrived', () => {
  const link = { ...aFollowing().link, to: third };
  const marker = {
    dataset: names.usersEast,
    generation: one,
    run: 'run' as never,
    attempt: 1,
    tablesHash: 'tables-1',
    migration: 1,
  };
  const copy = aCopy({ store: third, following: aFollowing({ link }), slots: [] });
  const standing = aSlot({ link: { ...link, from: names.westStore } });
  const active = aMountedCopy({ store: names.westStore, slots: [standing] });
  const situation = { store: third, record: handedOver, active };
  assert.equal(stateOf({ ...situation, copy }), 'catchingUp');
  assert.equal(
    stateOf({ ...situation, copy: { ...copy, marker } }),
    'disconnected: followPossible -> followActive',
  );
  // A run may wait for it; while nobody serves one is switching.
  const held = { ...situation, copy: { ...copy, marker }, isHeld: true };
  assert.equal(stateOf(held), 'disconnected: followPossible -> followActive');
  assert.equal(stateOf({ ...held, active: { ...active, gate: shut } }), 'disconnected');
  assert.equal(
    stateOf({ ...situation, copy: { ...copy, marker }, record: forced }),
    'failed: reseedPossible -> setAside',
  );
});

test('a further copy that was away during the switch waits only for what still stands', () => {
  const link = { ...aFollowing().link, to: third };
  const away = aFollowing({ link, isConnected: false });
  const copy = aCopy({ store: third, following: away, slots: [] });
  const active = aMountedCopy({ store: names.westStore, slots: [] });
  const situation = { store: third, record: handedOver, active, copy };
  const lost = 'failed: reseedPossible -> setAside';
  const keeping = returned({ slots: [aSlot({ link })] });
  assert.equal(stateOf({ ...situation, followed: keeping }), 'disconnected');
  assert.equal(stateOf(situation), 'disconnected');
  assert.equal(stateOf({ ...situation, followed: returned({ slots: [] }) }), lost);
  assert.equal(stateOf({ ...situation, followed: 'gone' }), lost);
  const off = { ...copy, following: { ...away, isEnabled: false } };
  assert.equal(
    stateOf({ ...situation, copy: off, followed: keeping }),
    'disconnected: followingDisabled -> resumeFollowing',
  );
});

test('a further copy whose former source stays away is seeded from the active one', () => {
  const link = { ...aFollowing().link, to: third };
  const away = aFollowing({ link, isConnected: false });
  const copy = aCopy({ store: third, following: away, slots: [] });
  const active = aMountedCopy({ store: names.westStore, slots: [] });
  const { formerAwayMs } = aSituation().limits;
  const waits = { store: third, record: handedOver, active, copy, awaitingMs: formerAwayMs };
  assert.equal(stateOf(waits), 'disconnected: waitedTooLong -> setAside');
  assert.equal(stateOf({ ...waits, awaitingMs: formerAwayMs - 1 }), 'disconnected');
  assert.equal(stateOf({ ...waits, isHeld: true }), 'disconnected');
  assert.equal(stateOf({ ...waits, active: undefined }), 'disconnected');
  assert.equal(stateOf({ ...waits, active: { ...active, gate: shut } }), 'disconnected');
  // What is connected gets its last writes; what follows the active one itself waits for that.
  const connected = { ...copy, following: { ...away, isConnected: true } };
  assert.equal(stateOf({ ...waits, copy: connected }), 'catchingUp');
  const followsActive = aCopy({ following: aFollowing({ isConnected: false }) });
  assert.equal(stateOf({ copy: followsActive, awaitingMs: formerAwayMs }), 'disconnected');
  const { why } = judgeCopy(aSituation(waits));
  assert.match(why, /or now: understudy dataset seed users-east --store third-store/);
});

test('a copy that nobody connects, though the active one answers, is connected anew', () => {
  const copy = aCopy({ following: aFollowing({ isConnected: false }) });
  const { unconnectedMs } = aSituation().limits;
  const waits = { copy, unconnectedMs };
  assert.equal(stateOf(waits), 'disconnected: stillUnconnected -> resumeFollowing');
  assert.equal(stateOf({ ...waits, unconnectedMs: unconnectedMs - 1 }), 'disconnected');
  assert.equal(stateOf({ ...waits, isHeld: true }), 'disconnected');
  assert.equal(stateOf({ ...waits, active: undefined }), 'disconnected');
  assert.equal(stateOf({ ...waits, isFollowedBack: true }), 'disconnected');
});

test('half a copy that shows the marker is not made to follow, but seeded anew', () => {
  const link = { ...aFollowing().link, to: third };
  const marker = { dataset: names.usersEast, generation: one, run: 'run' as never, attempt: 1 };
  const shown = { marker: { ...marker, tablesHash: 'tables-1', migration: 1 }, isWhole: false };
  const copying = aFollowing({ link, tablesReady: 3 });
  const half = aCopy({ store: third, slots: [], following: copying, ...shown });
  const active = aMountedCopy({ store: names.westStore, slots: [aSlot({ link })] });
  const situation = { store: third, record: handedOver, active, copy: half };
  assert.equal(stateOf(situation), 'catchingUp');
  const { following: _, ...brokenOff } = half;
  const judged = judgeCopy(aSituation({ ...situation, copy: brokenOff }));
  assert.equal(judged.why, 'it was not seeded to the end');
  assert.equal(judged.next?.action, 'setAside');
});

test('a lost slot is reseeded when the active side answers; a silent one leaves it be', () => {
  const active = aMountedCopy({ slots: [aSlot({ link: aFollowing().link, isLost: true })] });
  assert.equal(stateOf({ active }), 'failed: reseedPossible -> setAside');
  const copy = aCopy({ following: aFollowing({ isConnected: false }) });
  assert.equal(
    stateOf({ copy, active: aMountedCopy({ slots: [] }) }),
    'failed: reseedPossible -> setAside',
  );
  assert.equal(stateOf({ copy, active: undefined }), 'disconnected');
});

test('a copy that a forced move detached in vain can be forced while its source is silent', () => {
  const { following: _, ...detached } = aCopy();
  const origin = { from: names.eastStore, generation: one, lsn: '0/100' as never };
  const silent = (of: CopyObservation) => stateOf({ copy: of, active: undefined });
  assert.equal(silent({ ...detached, origin }), 'disconnected');
  // Not where it is half a copy, or where another one's position stands.
  const failed = 'failed';
  assert.equal(silent({ ...detached, origin, isWhole: false }), failed);
  const other = { ...origin, from: third };
  assert.equal(silent({ ...detached, origin: other }), failed);
  assert.equal(silent({ ...detached, origin: { ...origin, generation: two } }), failed);
  // Once its source answers nothing else than a fresh seed proves that it lacks nothing.
  const answering = { copy: { ...detached, origin }, active: aMountedCopy() };
  assert.equal(stateOf(answering), 'failed: reseedPossible -> setAside');
});

test('suspension stands before all else that following could say', () => {
  const copyRecord = {
    kind: 'copy',
    dataset: names.usersEast,
    store: names.westStore,
    generation: one,
    suspended: 'disk is being replaced',
  } as const;
  assert.equal(stateOf({ copyRecord }), 'suspended: stillFollowing -> suspendFollowing');
  const off = aCopy({ following: aFollowing({ isEnabled: false, isConnected: false }) });
  assert.equal(stateOf({ copyRecord, copy: off }), 'suspended');
  assert.equal(stateOf({ copy: off }), 'disconnected: followingDisabled -> resumeFollowing');
});

test('a copy that a run holds is connected again: the run only waits for it', () => {
  const copy = aCopy({ following: aFollowing({ isEnabled: false, isConnected: false }) });
  const resumed = 'disconnected: followingDisabled -> resumeFollowing';
  assert.equal(stateOf({ copy, isHeld: true }), resumed);
  assert.equal(stateOf({ copy, isHeld: true, isFollowedBack: true }), 'disconnected');
});

test('a copy that was mounted above the generation of the active one has writes of its own', () => {
  const copy = aCopy({ mountedGeneration: three, generationSeen: three });
  assert.equal(stateOf({ copy }), 'diverged: returnPossible -> beginReturn');
});

test('a store that does not answer says nothing about its copy', () => {
  const judged = judgeCopy(aSituation({ isStoreUp: false, copy: undefined }));
  assert.deepEqual([judged.state, judged.facts], ['failed', ['storeDown']]);
});

test('E1: the active copy is mounted above every number that another one was mounted under', () => {
  const gate = { isOpen: true, generation: one, validUntilMs: 1 };
  const mount = { answer: 'allowed', why: 'nobody knows of a newer decision' } as const;
  const active = { store: names.eastStore, copy: aMountedCopy({ gate }), mount };
  assert.equal(stateOf(active), 'mounted');
  const passed = { ...active, mountedElsewhere: one };
  assert.equal(stateOf(passed), 'mounted: gateOutdated -> mountAgain');
});

test('a copy that is there and cannot be looked at is neither seeded nor called gone', () => {
  const judged = judgeCopy(aSituation({ isUnreadable: true, copy: undefined }));
  assert.deepEqual([judged.state, judged.next], ['failed', undefined]);
  assert.match(judged.why, /cannot be looked at/);
});

test('an active copy that may mount and does not says what it waits for', () => {
  const mount = { answer: 'allowed', why: 'nobody knows of a newer decision' } as const;
  const copy = aMountedCopy({ gate: { ...aMountedCopy().gate, isOpen: false } });
  const { state, why } = classifyCopy(aSituation({ store: names.eastStore, copy, mount }));
  assert.equal(state, 'dismounted');
  assert.match(why, /^it mounts again by itself once that is granted; nobody knows of a newer/);
});

test('every state has its reason in words', () => {
  for (const difference of [{}, { copy: undefined }, { isStoreUp: false }, { record: undefined }]) {
    assert.notEqual(classifyCopy(aSituation(difference)).why, '');
  }
});

test('bytes are lag only of a copy that lacks heartbeats: the store writes for others too', () => {
  const lag = { heartbeatAgeMs: 0, receiveBytes: 2 ** 25 };
  const { number } = aHeartbeat();
  const activeAt = (ahead: number) =>
    aMountedCopy({ heartbeat: aHeartbeat({ number: number + ahead }) });
  assert.equal(stateOf({ lag }), 'healthy');
  assert.equal(stateOf({ lag, active: activeAt(1) }), 'healthy');
  assert.equal(stateOf({ lag, active: activeAt(2) }), 'catchingUp');
  assert.equal(stateOf({ lag: { ...lag, receiveBytes: 10 }, active: activeAt(2) }), 'healthy');
});
