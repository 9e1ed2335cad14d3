import type { BackupDirection, DeploymentStatus, PlanAnswer, RunDetail } from '@understudy/api';
import {
  type ActiveRecord,
  type AgentReport,
  asDataset,
  asDatasetId,
  asGeneration,
  asLsn,
  asPool,
  asRoutingGroup,
  asRun,
  asServer,
  asSite,
  asStore,
  type CopyReport,
  type CopyState,
  defaultLimits,
  type JournalEvent,
  type JournalLine,
  limitedMode,
  type LossQuote,
  type PoolRecord,
  quoteLoss,
} from '@understudy/core';

// What a small deployment would answer: two sites, east failed over to nobody, west as its backup.

/** 2026-11-21 12:00 UTC: all transcripts are taken at this moment. */
export const nowMs = Date.UTC(2026, 10, 21, 12);

const seven = asGeneration(7);
const sites = ['east', 'west'] as const;
type Side = (typeof sites)[number];
const otherOf = (side: Side): Side => (side === 'east' ? 'west' : 'east');

function aRecord(home: Side): ActiveRecord {
  return {
    kind: 'active',
    dataset: asDataset(`users-${home}`),
    id: asDatasetId(`id-${home}`),
    generation: seven,
    active: asStore(`${home}-store`),
    since: asGeneration(1),
  };
}

function aPoolRecord(home: Side): PoolRecord {
  return {
    kind: 'pool',
    pool: asPool(home),
    generation: seven,
    state: 'active',
    serving: asPool(home),
    why: 'serves its own users',
  };
}

function aCopy(home: Side, at: Side): CopyReport {
  const state: CopyState = home === at ? 'mounted' : 'healthy';
  return {
    dataset: asDataset(`users-${home}`),
    store: asStore(`${at}-store`),
    id: asDatasetId(`id-${home}`),
    generationSeen: seven,
    mountedGeneration: home === at ? seven : asGeneration(0),
    isWhole: true,
    migration: 1,
    tablesHash: 'abc',
    gate: { isOpen: home === at, generation: seven, validUntilMs: 1 },
    slots: [],
    writtenLsn: asLsn('0/1'),
    state,
    why: home === at ? 'serves its users' : `follows ${home}-store`,
    lag: home === at ? {} : { receiveBytes: 1536, applyBytes: 0, heartbeatAgeMs: 420 },
    ...(home === at ? {} : { verified: verifiedAnHourAgo() }),
  };
}

function verifiedAnHourAgo() {
  return { atMs: nowMs - 3_600_000, generation: seven, tables: 9, rows: 400, differences: [] };
}

function aReport(side: Side): AgentReport {
  return {
    server: asServer(`${side}-1`),
    site: asSite(side),
    version: '0.1.0',
    topologyHash: 'a1b2c3d4e5f60718',
    atMs: nowMs,
    stores: [
      {
        store: asStore(`${side}-store`),
        isUp: true,
        identity: {
          store: asStore(`${side}-store`),
          systemIdentifier: '1',
          timeline: 1,
          flushedLsn: asLsn('0/1'),
          version: 180_004,
        },
      },
    ],
    copies: sites.map((home) => aCopy(home, side)),
    decisions: [],
    roles: [
      {
        role: 'registrar',
        isUp: true,
        pools: [{ pool: asPool(side), isServing: true, groups: groupsOf(side) }],
      },
    ],
    runs: [],
    setAside: [],
    verdict: `users-${side} is mounted and users-${otherOf(side)} follows`,
  };
}

const groupsOf = (pool: string) =>
  Array.from({ length: 8 }, (_, at) => asRoutingGroup(`${pool}-rg${at + 1}`));

function aQuote(home: Side): LossQuote {
  return quoteLoss({
    dataset: asDataset(`users-${home}`),
    copy: asStore(`${otherOf(home)}-store`),
    lag: { heartbeatAgeMs: 420, writesPerSecond: 28, lastWord: { writes: 0, ageMs: 420 } },
    limit: 'good',
    limits: defaultLimits,
    oldGate: 'notProven',
  });
}

/** All well: each pool at home, each copy followed. */
export function aStatus(): DeploymentStatus {
  return {
    name: 'understudy',
    topologyHash: 'a1b2c3d4e5f60718',
    topology: {
      domains: ['example.test'],
      sites: sites.map((side) => ({ name: asSite(side) })),
      servers: sites.map((side) => ({
        name: asServer(`${side}-1`),
        site: asSite(side),
        address: side === 'east' ? '192.0.2.1' : 'sip.west.example.test',
        phones: { sip: 5060, sips: 5061 },
      })),
      stores: sites.map((side) => ({
        name: asStore(`${side}-store`),
        server: asServer(`${side}-1`),
        kind: 'embedded' as const,
      })),
      pools: sites.map((side) => ({
        name: asPool(side),
        servers: [asServer(`${side}-1`)],
        userCapacity: 2000,
        users: 1000,
        routingGroups: 8,
        backupPool: asPool(otherOf(side)),
      })),
      datasets: sites.map((side) => ({
        name: asDataset(`users-${side}`),
        kind: 'users' as const,
        pool: asPool(side),
        copies: [
          { store: asStore(`${side}-store`), preference: 1 },
          { store: asStore(`${otherOf(side)}-store`), preference: 2 },
        ],
        lossLimit: 'good' as const,
      })),
    },
    observer: asServer('east-1'),
    agents: sites.map(aReport),
    silent: [],
    decisions: [...sites.map(aRecord), ...sites.map(aPoolRecord)],
    quotes: sites.map(aQuote),
    choices: sites.map((home) => ({
      dataset: asDataset(`users-${home}`),
      mode: 'planned' as const,
      chosen: asStore(`${otherOf(home)}-store`),
      why: 'it is the only copy that can be activated',
      notChosen: [
        {
          store: asStore(`${home}-store`),
          reason: 'active' as const,
          why: 'it is the active copy',
        },
      ],
    })),
    runs: [],
    sentence: 'Every pool is served at home and every copy follows.',
  };
}

/** West answers no more, east found writes of its own that nobody else has, a run is unfinished. */
export function aTroubledStatus(): DeploymentStatus {
  const well = aStatus();
  const [east] = well.agents;
  if (east === undefined) return well;
  const store = asStore('east-store');
  const setAside = [
    {
      store,
      database: 'users_east_gen6',
      dataset: asDataset('users-east'),
      salvage: '5f0c6f5e-52a5-4c0e-9d0a-6d1f6b0d8f11',
      unreadBytes: 1_234_567,
    },
  ];
  const { why } = limitedMode.off.homeSilentLongEnough ?? { why: '' };
  const limited = { pool: asPool('west'), state: 'on' as const, why, sinceMs: nowMs - 40_000 };
  return {
    ...well,
    agents: [{ ...east, setAside, limited: [limited] }],
    silent: [{ server: asServer('west-1'), why: 'nothing listens there' }],
    runs: [
      {
        id: asRun('run-1'),
        runbook: 'pool-failover',
        subject: 'pool:west',
        attempt: 2,
        leader: asServer('east-1'),
        state: 'waitingForApproval',
        startedAtMs: nowMs - 90_000,
        startedBy: 'ada',
        why: 'Up to 12 writes may be lost. Mount?',
        step: 'mount-datasets',
      },
    ],
    sentence: `pool west is in limited mode: ${why} (east-1 serves it); west-1 is silent`,
  };
}

/** West was started with another topology file. */
export function aStatusOfTwoTopologies(): DeploymentStatus {
  const well = aStatus();
  const agents = well.agents.map((each) =>
    each.server === 'west-1' ? { ...each, topologyHash: 'ffffffffffff0000' } : each,
  );
  return { ...well, agents };
}

export function aPlan(): PlanAnswer {
  return {
    plan: { runbook: 'pool-failover' },
    planHash: '5f2c9a',
    findings: [
      {
        severity: 'warning',
        code: 'notVerified',
        why: 'the copy of users-east on west-store was never verified since it was seeded',
      },
    ],
    words: [
      'pool-failover of pool:east, led by west-1',
      'plan 5f2c9a',
      'users-east: east-store (generation 7) to west-store (generation 8)',
      '1. Wait for steady state of users-east (steady-state, usually 40 ms)',
      '2. Set pool east to FailingOver (set-failing-over, never measured)',
    ],
  };
}

export function aRefusedPlan(): PlanAnswer {
  return {
    plan: null,
    leader: asServer('west-1'),
    quoteId: '9c41e2',
    findings: [
      {
        severity: 'refusal',
        code: 'lossBeyondLimit',
        why:
          'the copy of users-east on west-store is 8.0 s old, ' +
          'beyond the loss limit of users-east',
      },
    ],
    words: [],
  };
}

const story: readonly (readonly [string, JournalEvent, string, number?])[] = [
  ['steady-state', 'started', ''],
  ['steady-state', 'done', 'users-east is 0 bytes behind', 38],
  ['set-failing-over', 'started', ''],
  ['set-failing-over', 'done', 'pool east is FailingOver', 12],
  ['final-state', 'started', 'fencing users-east on east-store'],
  ['mount-datasets', 'done', 'users-east is mounted on west-store, generation 8', 41],
  ['hydrate-groups', 'note', 'east-rg1: 12 users'],
  ['hydrate-groups', 'note', 'east-rg2: 11 users'],
  ['hydrate-groups', 'done', '2 routing groups', 9],
  ['run', 'finished', 'pool east is served by west-1'],
];

export function aRunDetail(): RunDetail {
  const run = asRun('run-2');
  return {
    row: {
      id: run,
      runbook: 'pool-failover',
      version: 1,
      subject: 'pool:east',
      plan: {},
      planHash: '5f2c9a',
      attempt: 1,
      leader: asServer('west-1'),
      state: 'succeeded',
      startedAtMs: nowMs,
      startedBy: 'ada',
      approvals: {},
      why: 'pool east is served by west-1',
    },
    journal: story.map(
      ([step, event, why, tookMs], at): JournalLine => ({
        run,
        attempt: 1,
        number: at + 1,
        step,
        event,
        why,
        atMs: nowMs + 20 * at,
        ...(tookMs === undefined ? {} : { tookMs }),
      }),
    ),
  };
}

export function aBackup(): { directions: BackupDirection[] } {
  const lag = { receiveBytes: 1536, applyBytes: 0, heartbeatAgeMs: 420 };
  return {
    directions: sites.map((home) => ({
      from: asPool(home),
      to: asPool(otherOf(home)),
      dataset: asDataset(`users-${home}`),
      state: 'Steady' as const,
      lag,
      why: `users-${home} on ${otherOf(home)}-store follows`,
    })),
  };
}
