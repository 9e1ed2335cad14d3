import type { AgentReport, CopyReport } from '../agent/agent-report.ts';
import type { Decision } from '../agent/decision.ts';
import { asGeneration } from '../generation.ts';
import type { PoolRecord } from '../pool/pool-record.ts';
import type { Inventory } from '../topology/inventory.ts';
import { aCopy, aMountedCopy, aRecord } from './a-copy.ts';
import { aTopology } from './a-topology.ts';
import { names } from './names.ts';

/** The Healthy copy on `west-store` as its agent reports it, but for the difference. */
export function aCopyReport(difference: Partial<CopyReport> = {}): CopyReport {
  return {
    ...aCopy(),
    state: 'healthy',
    why: 'it equals east-store and is close enough to take over',
    lag: { receiveBytes: 0, applyBytes: 0, writes: 0, heartbeatAgeMs: 300, writesPerSecond: 50 },
    ...difference,
  };
}

/** The mounted copy on `east-store` as its agent reports it, but for the difference. */
export function aMountedReport(difference: Partial<CopyReport> = {}): CopyReport {
  return {
    ...aMountedCopy(),
    state: 'mounted',
    why: 'mounted under generation 1',
    lag: { receiveBytes: 0, applyBytes: 0, writes: 0, heartbeatAgeMs: 0, writesPerSecond: 50 },
    ...difference,
  };
}

/** What the agent of `west-1` says, with the copy of `users-east` only, but for the difference. */
export function aReport(difference: Partial<AgentReport> = {}): AgentReport {
  return {
    server: names.westServer,
    site: names.west,
    version: '0.1.0',
    topologyHash: 'topology-1',
    atMs: 1_000_000,
    stores: [{ store: names.westStore, isUp: true }],
    copies: [aCopyReport()],
    decisions: someDecisions(),
    roles: [],
    runs: [],
    setAside: [],
    verdict: 'all is well',
    ...difference,
  };
}

/** Pool `east` is Active and served at home, but for the difference. */
export function aPoolRecord(difference: Partial<PoolRecord> = {}): PoolRecord {
  return {
    kind: 'pool',
    pool: names.eastPool,
    generation: asGeneration(1),
    state: 'active',
    serving: names.eastPool,
    why: 'born Active',
    ...difference,
  };
}

/** The decisions of a deployment that has just been born. */
export function someDecisions(): readonly Decision[] {
  return [
    aRecord(),
    aRecord({ dataset: names.usersWest, id: names.usersWestId, active: names.westStore }),
    aPoolRecord(),
    aPoolRecord({ pool: names.westPool, serving: names.westPool }),
  ];
}

/** Both sites as `west-1` sees them when all is well, but for the difference. */
export function anInventory(difference: Partial<Inventory> = {}): Inventory {
  return {
    topology: aTopology(),
    topologyHash: 'topology-1',
    observer: names.westServer,
    atMs: 1_000_000,
    reports: [
      aReport({
        server: names.eastServer,
        site: names.east,
        stores: [{ store: names.eastStore, isUp: true }],
        copies: [aMountedReport(), westReportInEast()],
      }),
      aReport({ copies: [aCopyReport(), westMountedReport()] }),
    ],
    silent: [],
    decisions: someDecisions(),
    quotes: [],
    ...difference,
  };
}

const since = asGeneration(1);
const toEast = { from: names.westStore, to: names.eastStore, since, dataset: names.usersWest };
const toWest = { from: names.eastStore, to: names.westStore, since, dataset: names.usersWest };

/** The copy of `users-west` that is mounted at its home. */
function westMountedReport(): CopyReport {
  const mounted = aMountedReport();
  return {
    ...mounted,
    dataset: names.usersWest,
    id: names.usersWestId,
    store: names.westStore,
    slots: mounted.slots.map((slot) => ({ ...slot, link: toEast })),
  };
}

/** The Healthy copy of `users-west` in the east. */
function westReportInEast(): CopyReport {
  const copy = aCopyReport({ why: 'it equals west-store and is close enough to take over' });
  return {
    ...copy,
    dataset: names.usersWest,
    id: names.usersWestId,
    store: names.eastStore,
    ...(copy.following === undefined ? {} : { following: { ...copy.following, link: toEast } }),
    slots: copy.slots.map((slot) => ({ ...slot, link: toWest })),
  };
}
