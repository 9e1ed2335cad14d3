import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawPoolStates } from './draw-pool-states.ts';
import {
  nextPoolState,
  type PoolFact,
  poolLifecycle,
  poolStates,
  registrarDuties,
  servingSide,
} from './pool-lifecycle.ts';

const page = fileURLToPath(new URL('../../../../docs/operating/pool-states.md', import.meta.url));

test('every state can be reached and left', () => {
  assert.deepEqual(reachable(), new Set(poolStates));
  for (const state of poolStates) assert.ok(Object.keys(poolLifecycle[state]).length > 0);
});

test('a pool is failed over only when it is served at the backup, or went back there', () => {
  const ways = waysTo('failedOver');
  assert.deepEqual(ways, ['failingBack switchAborted', 'failingOver servedAtBackup']);
});

test('a pool is active only when it is served at home, or went back there', () => {
  assert.deepEqual(waysTo('active'), ['failingBack servedAtHome', 'failingOver switchAborted']);
});

test('a switch that is under way can be aborted and can be continued', () => {
  for (const [state, order] of [
    ['failingOver', 'failoverOrdered'],
    ['failingBack', 'failbackOrdered'],
  ] as const) {
    assert.ok(nextPoolState(state, 'switchAborted') !== undefined);
    assert.equal(nextPoolState(state, order)?.to, state);
  }
});

test('never do both sides serve, and where a side serves it is the serving one', () => {
  for (const state of poolStates) {
    const { home, backup } = registrarDuties[state];
    assert.ok(!(home === 'serve' && backup === 'serve'));
    if (home === 'serve') assert.equal(servingSide(state), 'home');
    if (backup === 'serve') assert.equal(servingSide(state), 'backup');
  }
});

test('while a switch is under way nobody takes lasting changes', () => {
  for (const state of ['failingOver', 'failingBack'] as const) {
    const duties = Object.values(registrarDuties[state]).sort();
    assert.deepEqual(duties, ['awaitFinalState', 'refuseChanges']);
  }
});

test('the page for operators is drawn from the tables', () => {
  // Recorded anew by: node packages/core/build/pool/pool-lifecycle.test.js --record
  if (process.argv.includes('--record')) writeFileSync(page, drawPoolStates());
  assert.equal(readFileSync(page, 'utf8'), drawPoolStates());
});

function reachable(): Set<string> {
  const seen = new Set(['active' as (typeof poolStates)[number]]);
  for (const state of seen) {
    for (const { to } of Object.values(poolLifecycle[state])) seen.add(to);
  }
  return seen;
}

function waysTo(target: string): readonly string[] {
  return poolStates
    .flatMap((state) =>
      Object.keys(poolLifecycle[state]).flatMap((fact) =>
        nextPoolState(state, fact as PoolFact)?.to === target ? [`${state} ${fact}`] : [],
      ),
    )
    .sort();
}
