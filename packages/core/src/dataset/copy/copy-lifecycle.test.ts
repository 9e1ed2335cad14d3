import assert from 'node:assert/strict';
import test from 'node:test';
import type { CopyFact, OrderedFact } from './copy-fact.ts';
import { copyLifecycle, nextCopyState } from './copy-lifecycle.ts';
import type { CopyState } from './copy-state.ts';

const states = Object.keys(copyLifecycle) as CopyState[];
const entries = (state: CopyState) => Object.entries(copyLifecycle[state]);

test('a copy is mounted only by order, or where a decision names it and the rules allow', () => {
  const opening: CopyFact[] = [
    'activationOrdered',
    'forcedActivationOrdered',
    'mountAgainOrdered',
    'mountAllowed',
  ];
  assert.ok(!reachable({ without: opening }).has('mounted'));
  for (const fact of opening) {
    const without = opening.filter((other) => other !== fact);
    assert.ok(reachable({ without }).has('mounted'), `${fact} alone leads to mounted`);
  }
});

test('a copy mounts by itself only from dismounted: it was active before', () => {
  for (const state of states) {
    const allowed = nextCopyState(state, 'mountAllowed');
    assert.equal(allowed !== undefined, state === 'dismounted', state);
  }
});

test('a copy that may still admit clients fences itself at each danger', () => {
  for (const state of ['mounting', 'mounted', 'dismounting'] as const) {
    for (const danger of ['rightLost', 'anotherIsActive', 'divergenceFound'] as const) {
      assert.equal(nextCopyState(state, danger)?.action, 'fenceSelf', `${state} ${danger}`);
    }
  }
});

test('a forced activation starts from a following copy, connected or not, and only there', () => {
  const from = states.filter((state) => nextCopyState(state, 'forcedActivationOrdered'));
  assert.deepEqual(from, ['catchingUp', 'healthy', 'dismounted', 'disconnected']);
});

test('a fenced source can mount again', () => {
  const fenced = nextCopyState('mounted', 'fenceOrdered');
  assert.equal(fenced?.action, 'fenceForHandOver');
  assert.equal(nextCopyState('dismounting', 'dismountFinished')?.to, 'dismounted');
  assert.equal(nextCopyState('dismounted', 'mountAgainOrdered')?.action, 'mountAgain');
});

test('nothing mounted, or about to be, is ever set aside or seeded over', () => {
  for (const state of ['mounting', 'mounted', 'dismounting', 'dismounted'] as const) {
    for (const [fact, { action }] of entries(state)) {
      assert.ok(!['setAside', 'seedFromActive'].includes(action), `${state} ${fact}`);
    }
  }
});

test('a diverged copy goes on only by being set aside, or as the active one by decision', () => {
  assert.deepEqual(
    entries('diverged').map(([fact]) => fact),
    ['returnPossible', 'setAsideOrdered', 'madeActive', 'storeDown'],
  );
});

test('a diverged or failed copy is never followed on, nor half a copy mounted', () => {
  const following: string[] = ['followActive', 'resumeFollowing', 'mount', 'mountAgain'];
  for (const state of ['diverged', 'seeding', 'failed'] as const) {
    for (const [fact, { action }] of entries(state)) {
      assert.ok(!following.includes(action), `${state} ${fact}`);
    }
  }
});

test('the three ways out of following are seen in every state that follows', () => {
  for (const state of ['catchingUp', 'healthy', 'disconnected', 'suspended'] as const) {
    assert.equal(nextCopyState(state, 'slotLost')?.to, 'failed', state);
    assert.equal(nextCopyState(state, 'lineUnproven')?.to, 'failed', state);
    assert.equal(nextCopyState(state, 'divergenceFound')?.to, 'diverged', state);
  }
});

test('a store that does not answer fails its copy in every state', () => {
  for (const state of states) {
    if (state === 'failed') continue;
    assert.equal(nextCopyState(state, 'storeDown')?.to, 'failed', state);
  }
});

test('every state can be reached and left', () => {
  assert.deepEqual([...reachable({ without: [] })].sort(), [...states].sort());
  for (const state of states) assert.ok(entries(state).length > 0, state);
});

test('every reason is a phrase that the log can print', () => {
  for (const state of states) {
    for (const [fact, { why }] of entries(state)) {
      assert.match(why, /^[a-zP][^.]*[^.,; ]$/, `${state} ${fact}`);
    }
  }
});

test('every order can be obeyed somewhere', () => {
  const orders = {
    seedOrdered: true,
    followOrdered: true,
    suspendOrdered: true,
    resumeOrdered: true,
    verifyOrdered: true,
    setAsideOrdered: true,
    awaitMarkerOrdered: true,
    wayBackOrdered: true,
    detachOrdered: true,
    activationOrdered: true,
    forcedActivationOrdered: true,
    mountAgainOrdered: true,
    abortOrdered: true,
    fenceOrdered: true,
    dismountOrdered: true,
  } as const satisfies { readonly [order in OrderedFact]: true };
  for (const order of Object.keys(orders) as OrderedFact[]) {
    assert.ok(
      states.some((state) => nextCopyState(state, order)),
      order,
    );
  }
});

function reachable({ without }: { readonly without: readonly CopyFact[] }): Set<CopyState> {
  const seen = new Set<CopyState>(['seeding']);
  for (const state of seen) {
    for (const [fact, { to }] of entries(state)) {
      if (!without.includes(fact as CopyFact)) seen.add(to); // A Set grows while it is walked.
    }
  }
  return seen;
}
