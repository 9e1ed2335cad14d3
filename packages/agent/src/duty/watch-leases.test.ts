import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ActiveRecord,
  activeRecordOf,
  type AgentReport,
  asGeneration,
  asRun,
  type RunRow,
  type VoteRecord,
} from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import type { MountRight } from '@understudy/ports';
import { SimulatedClock } from '@understudy/ports/fake';
import { type AgentMemory, createAgentMemory } from '../agent-memory.ts';
import type { Hands } from '../mount/open-mount.ts';
import { twoSites } from '../testing/two-sites.ts';
import { watchLeases } from './watch-leases.ts';

/** East's copy is kept dismounted, and west-store has tried in vain to take its lease. */
async function triedInVain() {
  const sites = await twoSites({}, { isVoted: true });
  const { clock, east, votes } = sites;
  const dataset = names.usersEast;
  await clock.finish(east.byWord.dismount({ dataset, why: 'a test' }));
  await sites.rounds(4);
  const record = activeRecordOf((await clock.finish(east.report())).decisions, dataset);
  const { id, generation } = record ?? assert.fail('users-east is decided');
  const records = votes.get(names.westServer)?.records ?? assert.fail('west-1 votes');
  const before = records.get(id) ?? assert.fail('a lease was taken');
  const tried = asGeneration(generation + 1);
  const lost: VoteRecord = {
    ...before,
    holder: names.westStore,
    generation: tried,
    renewals: before.renewals + 1,
    isReleased: false,
    tried,
  };
  records.set(id, lost);
  return { sites, lost, shown: () => records.get(id) };
}

test('a try that a dead run left behind goes back to who is active', async () => {
  const { sites, lost, shown } = await triedInVain();
  sites.restart(names.westServer);
  await sites.rounds(8);
  const { holder, isReleased, tried } = shown() ?? assert.fail();
  assert.deepEqual([holder, isReleased, tried], [names.eastStore, false, lost.tried]);
});

test('E10: a store for whose past nobody vouches gives nothing back', async () => {
  const { sites, lost, shown } = await triedInVain();
  sites.silent.add(names.eastServer);
  sites.restart(names.westServer);
  await sites.rounds(8);
  assert.deepEqual(shown(), lost);
});

/** West's agent beside an active east-store, and what it gives back where voters show a try. */
function aWatcher() {
  const record: ActiveRecord = {
    kind: 'active',
    dataset: names.usersEast,
    id: names.usersEastId,
    generation: asGeneration(7),
    active: names.eastStore,
    since: asGeneration(7),
  };
  const topology = aTopology();
  const memory = createAgentMemory('a life', { clock: new SimulatedClock(), topology });
  memory.decisions = [record];
  memory.controlsRead.add(names.westStore);
  const identities = [{ store: names.westStore }];
  const report = { identities, decisions: [] } as unknown as AgentReport;
  memory.partners.set(names.eastServer, { asked: 1, isSilent: false, report });
  const asked: (() => boolean)[] = [];
  const mountRight: Partial<MountRight> = {
    isVoted: true,
    hasTried: () => true,
    watch: () => {},
    giveBack: async (_right, _former, isUnused) => {
      asked.push(isUnused ?? (() => true));
    },
  };
  const stores = [{ engine: { store: names.westStore } }];
  const parts = { mountRight, topology, stores };
  const hands = { parts, memory } as unknown as Hands;
  /** Is it given back, asked for now and when the voters have been read? */
  const givesBack = (meanwhile: (memory: AgentMemory) => void = () => {}) => {
    asked.length = 0;
    watchLeases(hands);
    const begun = asked.length;
    meanwhile(memory);
    return [begun > 0, asked.some((isUnused) => isUnused())];
  };
  const next: ActiveRecord = { ...record, generation: asGeneration(8), active: names.westStore };
  return { memory, record, next, givesBack };
}

test('what is about to be decided, or was a moment ago, is not given back', () => {
  const { memory, next, givesBack } = aWatcher();
  assert.deepEqual(givesBack(), [true, true]);
  memory.deciding.set(next, Promise.resolve());
  assert.deepEqual(givesBack(), [false, false]);
  memory.deciding.clear();
  const decided = givesBack((known) => {
    known.decisions = [next];
  });
  assert.deepEqual(decided, [true, false]);
});

test('what a run may still use is not given back, nor by a store that was taken back (E10)', () => {
  const running = aWatcher();
  const plan = { moves: [{ dataset: names.usersEast }] };
  const run = { id: asRun('a'), state: 'running', plan } as unknown as RunRow;
  running.memory.runs = [run];
  assert.deepEqual(running.givesBack(), [false, false]);
  const back = aWatcher();
  back.memory.takenBack = new Map([[names.westStore, 'its log ends too early']]);
  assert.deepEqual(back.givesBack(), [false, false]);
});

// The simulation's seed 26160: a partner told what it knew before the takeover, the own store was
// down, and the lease under which users had been served was given back.
test('what was used is not given back by a life that has not read its own decisions', () => {
  const { memory, givesBack } = aWatcher();
  memory.controlsRead.clear();
  assert.deepEqual(givesBack(), [false, false]);
});
