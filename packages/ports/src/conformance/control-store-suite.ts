import assert from 'node:assert/strict';
import {
  type ActiveRecord,
  asDataset,
  asDatasetId,
  asGeneration,
  asLsn,
  asRun,
  asServer,
  asStore,
  type JournalLine,
  type RunRow,
} from '@understudy/core';
import type { ControlStore } from '../control-store.ts';
import { type ConformanceSuite, conformanceSuite } from './conformance-suite.ts';

/** What the suite runs on. */
export type ControlSubject = AsyncDisposable & { readonly control: ControlStore };

/** The suite that every control store passes, the fake and the real. */
export function controlStoreSuite(open: () => Promise<ControlSubject>): ConformanceSuite {
  const cases = Object.entries(controlCases).map(
    ([title, runCase]) => [title, ({ control }: ControlSubject) => runCase(control)] as const,
  );
  return conformanceSuite(open, Object.fromEntries(cases));
}

function aRecord(dataset: string, generation: number): ActiveRecord {
  return {
    kind: 'active',
    dataset: asDataset(dataset),
    id: asDatasetId('01990000-0000-7000-8000-000000000001'),
    generation: asGeneration(generation),
    active: asStore('east-store'),
    since: asGeneration(1),
  };
}

function aRun(id: string, attempt: number): RunRow {
  return {
    id: asRun(id),
    runbook: 'pool-failover',
    version: 1,
    subject: 'pool:east',
    plan: { steps: [] },
    planHash: 'abc',
    attempt,
    leader: asServer('west-1'),
    state: 'running',
    startedAtMs: 1,
    startedBy: 'ada',
    approvals: {},
    why: 'asked by ada',
  };
}

function aLine(id: string, attempt: number, number: number): JournalLine {
  const run = asRun(id);
  return { run, attempt, number, step: 'fence', event: 'done', why: 'it is shut', atMs: 5 };
}

const controlCases: Readonly<Record<string, (control: ControlStore) => Promise<void>>> = {
  'a decision is compared and set': async (control) => {
    const [first, second, third] = [aRecord('a', 1), aRecord('a', 2), aRecord('a', 3)];
    assert.deepEqual(await control.decide(second, first.generation), { isDone: false });
    assert.deepEqual(await control.decide(first, undefined), { isDone: true });
    assert.deepEqual(await control.decide(first, undefined), { isDone: true }); // Repeated.
    assert.deepEqual(await control.decide(second, first.generation), { isDone: true });
    assert.deepEqual(await control.decide(third, first.generation), {
      isDone: false,
      current: second,
    });
    assert.deepEqual(await control.decide(first, second.generation), {
      isDone: false,
      current: second,
    });
    assert.deepEqual(find(await control.readDecisions(), 'a'), second);
  },

  'one of many at once is set': async (control) => {
    const rivals = ['east-store', 'west-store', 'third-store'].map((store) => ({
      ...aRecord('rivals', 1),
      active: asStore(store),
    }));
    const answers = await Promise.all(rivals.map((rival) => control.decide(rival, undefined)));
    assert.equal(answers.filter(({ isDone }) => isDone).length, 1);
  },

  'only newer decisions are learnt': async (control) => {
    await control.learn([aRecord('b', 4), aRecord('c', 1)]);
    await control.learn([aRecord('b', 3), aRecord('c', 2)]);
    await control.learn([]);
    const decisions = await control.readDecisions();
    assert.equal(find(decisions, 'b')?.generation, 4);
    assert.equal(find(decisions, 'c')?.generation, 2);
  },

  'a run is taken by compare-and-set (E14)': async (control) => {
    const [first, second] = [aRun('r1', 1), aRun('r1', 2)];
    assert.deepEqual(await control.takeRun(first, undefined), { isDone: true });
    assert.deepEqual(await control.takeRun({ ...second, why: 'rival' }, 7), {
      isDone: false,
      current: first,
    });
    assert.deepEqual(await control.takeRun(second, 1), { isDone: true });
    assert.equal((await control.saveRun({ ...first, state: 'failed' })).isDone, false);
    assert.deepEqual(await control.saveRun({ ...second, state: 'succeeded' }), { isDone: true });
    const runs = await control.readRuns();
    assert.equal(runs.find(({ id }) => id === first.id)?.state, 'succeeded');
  },

  'the journal refuses lines of an attempt that was overtaken (E14)': async (control) => {
    await control.takeRun(aRun('r2', 2), undefined);
    assert.equal(await control.appendJournal([aLine('r2', 1, 1)]), false);
    const lines = [aLine('r2', 2, 1), aLine('r2', 2, 2)];
    assert.equal(await control.appendJournal(lines), true);
    assert.equal(await control.appendJournal(lines), true); // Repeated.
    assert.deepEqual(await control.readJournal(asRun('r2')), lines);
    assert.deepEqual(await control.readJournal(asRun('unknown')), []);
  },

  'only the row of the same attempt is saved (E14)': async (control) => {
    const row = aRun('r4', 1);
    assert.deepEqual(await control.saveRun(row), { isDone: false });
    await control.takeRun(row, undefined);
    const ahead = { ...aRun('r4', 3), state: 'succeeded' } as const;
    assert.deepEqual(await control.saveRun(ahead), { isDone: false, current: row });
    assert.deepEqual(await control.takeRun(ahead, 1), { isDone: true });
  },

  'the journal takes all lines or none, and tells them in order': async (control) => {
    await control.takeRun(aRun('r5', 2), undefined);
    assert.equal(await control.appendJournal([aLine('r5', 2, 9), aLine('r5', 1, 1)]), false);
    assert.deepEqual(await control.readJournal(asRun('r5')), []);
    await control.appendJournal([aLine('r5', 3, 1), aLine('r5', 2, 2), aLine('r5', 2, 1)]);
    const told = (await control.readJournal(asRun('r5'))).map(({ attempt, number }) => [
      attempt,
      number,
    ]);
    assert.deepEqual(told, [
      [2, 1],
      [2, 2],
      [3, 1],
    ]);
  },

  'an agent remembers the highest attempt it obeyed (E14)': async (control) => {
    const run = asRun('r3');
    assert.equal(await control.highestAttempt(run), 0);
    assert.equal(await control.recordAttempt(run, 2), true);
    assert.equal(await control.recordAttempt(run, 2), true);
    assert.equal(await control.recordAttempt(run, 1), false);
    assert.equal(await control.highestAttempt(run), 2);
  },

  'identities of stores are kept, the newest of each (E10)': async (control) => {
    const identity = {
      store: asStore('east-store'),
      systemIdentifier: '1',
      timeline: 1,
      flushedLsn: asLsn('0/1'),
      version: 180_004,
    };
    await control.recordIdentity(identity);
    await control.recordIdentity({ ...identity, flushedLsn: asLsn('0/2') });
    assert.deepEqual(await control.readIdentities(), [{ ...identity, flushedLsn: asLsn('0/2') }]);
  },
};

function find(decisions: readonly { readonly kind: string }[], dataset: string) {
  return (decisions as readonly ActiveRecord[]).find(
    (each) => each.kind === 'active' && each.dataset === dataset,
  );
}
