import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentReport, CopyReport } from '../../agent/agent-report.ts';
import type { Decision } from '../../agent/decision.ts';
import { asGeneration } from '../../generation.ts';
import { asRun, type DatasetName } from '../../ids.ts';
import { asVoter } from '../../quorum/vote-record.ts';
import type { RunRequest } from '../../run/run-request.ts';
import {
  aCopyReport,
  aHeartbeat,
  aPool,
  aPoolRecord,
  aQuote,
  aRecord,
  aTopology,
  anInventory,
  names,
  someDecisions,
} from '../../testing/index.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planFailback } from './plan-failback.ts';
import { planFailover } from './plan-failover.ts';
import { planWords } from './plan-words.ts';

const planned: RunRequest = {
  runbook: 'pool-failover',
  pool: names.eastPool,
  mode: 'planned',
  isPartnerOff: false,
  by: 'anna',
};
const forced: RunRequest = { ...planned, mode: 'forced', isPartnerOff: true };
const verified = { atMs: 0, generation: asGeneration(1), tables: 1, rows: 1, differences: [] };

/** All is well, and west's copy is as given. */
function withCopy(difference: Partial<CopyReport> = {}, more: Partial<Inventory> = {}): Inventory {
  return withWest({ copies: [aCopyReport({ verified, ...difference })] }, more);
}

function withWest(difference: Partial<AgentReport>, more: Partial<Inventory> = {}): Inventory {
  const inventory = anInventory(more);
  const reports = inventory.reports.map((report) =>
    report.server === names.westServer ? { ...report, ...difference } : report,
  );
  return { ...inventory, reports };
}

/** East is silent. */
function withoutEast(copy: Partial<CopyReport> = {}, more: Partial<Inventory> = {}): Inventory {
  const inventory = withCopy({ state: 'disconnected', ...copy }, more);
  return {
    ...inventory,
    reports: inventory.reports.filter(({ server }) => server !== names.eastServer),
    silent: [{ server: names.eastServer, why: 'connection refused' }],
  };
}

const quoted = { quotes: [aQuote({ isWithinLimit: true })] };

function codes(inventory: Inventory, request: RunRequest = planned): readonly string[] {
  return planFailover(inventory, request).findings.map(({ code }) => code);
}

test('all is well: a complete plan without findings, and the same plan for the same world', () => {
  const { plan, findings } = planFailover(withCopy(), planned);
  assert.deepEqual(findings, []);
  assert.equal(plan?.leader, names.westServer);
  assert.deepEqual(plan?.moves[0]?.next, {
    ...aRecord(),
    active: names.westStore,
    generation: 2,
    since: 2,
    former: { store: names.eastStore, since: 1, generation: 1, how: 'handOver' },
  });
  assert.equal(plan?.hydrations[0]?.groups.length, 8);
  assert.equal(plan?.records.passing.generation, 2);
  assert.equal(plan?.records.final.generation, 3);
  assert.deepEqual(planFailover(withCopy(), planned).plan, plan);
});

test('a refused plan still says who would lead', () => {
  const refused = planFailover(withCopy({ state: 'suspended' }), planned);
  assert.equal(refused.plan, undefined);
  assert.equal(refused.plan === undefined ? refused.leader : '', names.westServer);
});

test('the new generation is above any that a copy has seen', () => {
  const { plan } = planFailover(withCopy({ generationSeen: asGeneration(9) }), planned);
  assert.equal(plan?.moves[0]?.next.generation, 10);
});

test('no plan passes over a block, planned or forced', () => {
  const generation = asGeneration(1);
  const copy = { dataset: names.usersEast, store: names.westStore };
  const said: readonly Decision[] = [
    { kind: 'copy', ...copy, generation, blocked: 'new disks' },
    { kind: 'server', server: names.westServer, generation, blocked: 'new disks' },
  ];
  for (const block of said) {
    const decisions = [...someDecisions(), block];
    assert.deepEqual(codes(withCopy({}, { decisions })), ['activationBlocked']);
    const accepted = { ...forced, acceptedQuote: 'quote-1' };
    const alone = codes(withoutEast({}, { ...quoted, decisions }), accepted);
    assert.ok(alone.includes('activationBlocked'), alone.join());
  }
  const [east = assert.fail(), west = assert.fail()] = aTopology().servers;
  const topology = aTopology({ servers: [east, { ...west, maxActive: 1 }] });
  assert.deepEqual(codes(withCopy({}, { topology })), ['serverAtMaximum']);
});

test('what stops a planned failover, each by its name', () => {
  const hash = withWest({ topologyHash: 'other', copies: [aCopyReport({ verified })] });
  assert.deepEqual(codes(hash), ['topologyDiffers']);
  assert.deepEqual(codes(withCopy({ state: 'seeding' })), ['copyNotHealthy']);
  assert.deepEqual(codes(withWest({ copies: [] })), ['noCopyAtTarget']);
  assert.deepEqual(codes(withoutEast({ state: 'healthy' })), ['partnerSilent']);
  assert.deepEqual(codes(anInventory({ decisions: [] })), ['noActiveRecord']);
  assert.deepEqual(codes(withCopy(), { ...planned, pool: 'nord' as never }), ['unknownPool']);
  const full = aTopology({ pools: [aPool(), aPool({ name: names.westPool, userCapacity: 10 })] });
  assert.deepEqual(codes(withCopy({}, { topology: full })), ['noRoom']);
  const differences = [{ table: 'users', key: '1', kind: 'different' as const }];
  const differs = withCopy({ verified: { ...verified, differences } });
  assert.deepEqual(codes(differs), ['verifyDiffers']);
});

test('E8: a copy with an older schema than the active one is not forced, a newer one is', () => {
  const older = withoutEast({ heartbeat: aHeartbeat({ migration: 2 }) }, quoted);
  assert.ok(codes(older, forced).includes('levelBelow'));
  const newer = withoutEast({ migration: 2 }, quoted);
  assert.ok(!codes(newer, forced).includes('levelBelow'));
});

test('a silent partner: the refusal says what to type', () => {
  const [finding] = planFailover(withoutEast({ state: 'healthy' }), planned).findings;
  assert.match(finding?.why ?? '', /understudy pool failover east --force/);
});

test('another unfinished run of the pool, or of a server of it, is in the way', () => {
  for (const subject of ['pool:east', 'server:east-1']) {
    const run = {
      id: asRun('7'),
      runbook: 'pool-failover',
      subject,
      attempt: 1,
      leader: names.westServer,
      state: 'running' as const,
      startedAtMs: 0,
      startedBy: 'anna',
      why: '',
    };
    const inventory = withWest({ runs: [run], copies: [aCopyReport({ verified })] });
    assert.deepEqual(codes(inventory), ['otherRunUnfinished']);
  }
});

test('what is worth a warning does not stop the plan', () => {
  const unverified = withWest({ copies: [aCopyReport()] });
  const late = withCopy({ lag: { heartbeatAgeMs: 60_000 } });
  const noWayBack = withCopy({ slots: [] });
  const catchingUp = withCopy({ state: 'catchingUp' });
  for (const [inventory, code] of [
    [unverified, 'notVerified'],
    [late, 'lagAboveDrainLimit'],
    [noWayBack, 'wayBackMissing'],
    [catchingUp, 'copyCatchingUp'],
  ] as const) {
    const { plan, findings } = planFailover(inventory, planned);
    assert.ok(plan !== undefined);
    assert.deepEqual(
      findings.map(({ code, severity }) => [code, severity]),
      [[code, 'warning']],
    );
  }
});

test('a registrar that is kept stopped cannot take over; at home the way back starts it', () => {
  const stopped = 'ada stopped it';
  const roles = [{ role: 'registrar', isUp: false, stopped, pools: [] }];
  const inventory = withWest({ roles, copies: [aCopyReport({ verified })] });
  const [finding] = planFailover(inventory, planned).findings;
  assert.equal(finding?.code, 'servicesStopped');
  assert.match(finding?.why ?? '', /ada stopped it.*understudy services start west-1/);
  const [east, west] = someDecisions();
  const over = aPoolRecord({ state: 'failedOver', serving: names.westPool });
  const home = withCopy({}, { decisions: [east!, west!, over] });
  const reports = home.reports.map((report) =>
    report.server === names.eastServer ? { ...report, roles } : report,
  );
  const back = (mode: 'planned' | 'forced') =>
    planFailback({ ...home, reports }, { ...planned, mode, runbook: 'pool-failback' }).findings;
  assert.ok(back('planned').every(({ code }) => code !== 'servicesStopped'));
  assert.ok(back('forced').some(({ code }) => code === 'servicesStopped'));
});

test('forced: refused while the source answers, and without the word that it is off', () => {
  assert.ok(codes(withCopy({}, quoted), forced).includes('sourceAnswers'));
  const wordless = codes(withoutEast({}, quoted), { ...forced, isPartnerOff: false });
  assert.ok(wordless.includes('partnerMayBeOn'));
});

test('refused, planned or forced, where the side that would take over reaches no majority', () => {
  const membership = { generation: 0, started: [], stopped: [] };
  const seenBy = (silent: readonly string[]) => ({
    membership,
    heard: 3,
    leases: [],
    voters: ['east-1', 'west-1', 'witness'].map((name) => ({
      voter: asVoter(name),
      isSilent: silent.includes(name),
    })),
  });
  const withVotes = (inventory: Inventory, silent: readonly string[]): Inventory => ({
    ...inventory,
    reports: inventory.reports.map((report) => ({ ...report, votes: seenBy(silent) })),
  });
  const alone = withVotes(withoutEast({}, quoted), ['east-1', 'witness']);
  assert.deepEqual(codes(alone, forced), ['partnerSilent', 'noMajority']);
  assert.ok(codes(withVotes(withCopy(), ['east-1', 'witness'])).includes('noMajority'));
  const two = withVotes(withoutEast({}, quoted), ['east-1']);
  assert.deepEqual(codes(two, forced), ['partnerSilent']);
});

test('forced: allowed though the agent answers, when its store is down', () => {
  const inventory = withCopy({ state: 'disconnected' }, quoted);
  const reports = inventory.reports.map((report) =>
    report.server === names.eastServer
      ? { ...report, stores: [{ store: names.eastStore, isUp: false }], copies: [] }
      : report,
  );
  assert.ok(planFailover({ ...inventory, reports }, forced).plan !== undefined);
});

test('forced: allowed though agent and store answer, when nothing can be handed over (E10)', () => {
  for (const state of ['diverged', 'failed'] as const) {
    const inventory = withCopy({}, quoted);
    const reports = inventory.reports.map((report) =>
      report.server === names.eastServer
        ? { ...report, copies: [aCopyReport({ store: names.eastStore, state })] }
        : report,
    );
    assert.ok(planFailover({ ...inventory, reports }, forced).plan !== undefined);
  }
});

test('forced: a source that says it has no such database does not answer for it', () => {
  const inventory = withCopy({}, quoted);
  const gone = (datasets?: readonly DatasetName[]) => {
    const listed = datasets === undefined ? {} : { datasets };
    const stores = [{ store: names.eastStore, isUp: true, ...listed }];
    const reports = inventory.reports.map((report) =>
      report.server === names.eastServer ? { ...report, stores, copies: [] } : report,
    );
    return { ...inventory, reports };
  };
  assert.ok(planFailover(gone([names.usersWest]), forced).plan !== undefined);
  // There, but it could not be looked at; and a store that did not say.
  assert.ok(codes(gone([names.usersEast]), forced).includes('sourceAnswers'));
  assert.ok(codes(gone(), forced).includes('sourceAnswers'));
});

test('forced: half a copy is refused by the plan, whatever loss is accepted', () => {
  const half = withoutEast({ isWhole: false }, quoted);
  const { plan, findings } = planFailover(half, { ...forced, acceptedQuote: 'q1' });
  assert.equal(plan, undefined);
  assert.ok(findings.some(({ code }) => code === 'copyNotWhole'));
  assert.ok(!codes(withoutEast({}, quoted), forced).includes('copyNotWhole'));
});

test('forced: within the loss limit it plans; beyond it only with the accepted quote (A5)', () => {
  const { plan } = planFailover(withoutEast({}, quoted), forced);
  assert.equal(plan?.moves[0]?.next.former?.how, 'forced');
  assert.ok(plan?.steps.some(({ name }) => name === 'detach-copies'));
  const beyond = withoutEast({}, { quotes: [aQuote({ isWithinLimit: false })] });
  assert.ok(codes(beyond, forced).includes('lossBeyondLimit'));
  assert.ok(codes(withoutEast(), forced).includes('lossBeyondLimit'));
  const accepted = planFailover(beyond, { ...forced, acceptedQuote: 'q1' });
  assert.ok(accepted.plan !== undefined);
  assert.ok(accepted.findings.some(({ code }) => code === 'lossAccepted'));
});

test('a pool that is failed over already is told the way home; one that is not has none', () => {
  const [east, west] = someDecisions();
  const over = aPoolRecord({ state: 'failedOver', serving: names.westPool });
  const inventory = withCopy({}, { decisions: [east!, west!, over] });
  assert.deepEqual(codes(inventory), ['alreadyFailedOver']);
  const back = planFailback(withCopy(), { ...planned, runbook: 'pool-failback' });
  assert.deepEqual(
    back.findings.map(({ code }) => code),
    ['notFailedOver'],
  );
});

test('a run that stopped half way is continued: what has moved does not move again', () => {
  const { plan } = planFailover(halfWay('mounted'), planned);
  assert.deepEqual(plan?.moves, []);
  assert.equal(plan?.hydrations[0]?.server, names.westServer);
});

test('what is there already has to be mounted there, or its users would wait for ever', () => {
  assert.deepEqual(codes(halfWay('mounted')), []);
  assert.deepEqual(codes(halfWay('dismounted')), ['notMountedThere']);
  assert.deepEqual(codes(halfWay('dismounted'), forced), ['notMountedThere']);
});

test('a planned way needs the other side though nothing seems to move: it may know better', () => {
  const inventory = halfWay('mounted');
  const reports = inventory.reports.filter(({ server }) => server !== names.eastServer);
  const silent = [{ server: names.eastServer, why: 'connection refused' }];
  const alone = { ...inventory, reports, silent };
  assert.deepEqual(codes(alone), ['partnerSilent']);
  assert.ok(planFailover(alone, forced).plan !== undefined);
});

/** The dataset is active in the west, and a run stopped before the pool was FailedOver. */
function halfWay(state: 'mounted' | 'dismounted'): Inventory {
  const moved = aRecord({ active: names.westStore, generation: asGeneration(2) });
  const passing = aPoolRecord({ state: 'failingOver', generation: asGeneration(2) });
  return withCopy({ state }, { decisions: [moved, passing] });
}

test('what-if prints hash, generations, groups, lag, and every step with its time', () => {
  const { plan } = planFailover(withCopy(), planned);
  const expectedMs = new Map([['final-state', 31]]);
  const words = planWords(plan!, { planHash: 'abc', expectedMs }).join('\n');
  assert.match(words, /plan abc/);
  assert.match(words, /users-east: east-store \(generation 1\) to west-store \(generation 2\)/);
  assert.match(words, /east-rg1, .*east-rg8/);
  assert.match(words, /receive lag 0 bytes/);
  assert.match(words, /final-state, usually 31 ms/);
  assert.match(words, /mount-datasets, never measured/);
});
