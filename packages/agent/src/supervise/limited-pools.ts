import {
  activeRecordOf,
  diagnoseLimited,
  type LimitedReport,
  type LimitedState,
  limitedMode,
  nextLimitedState,
  type Pool,
  type PoolName,
  poolRecordOf,
} from '@understudy/core';
import type { AgentMemory, LimitedPool } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';
import type { LocalLook } from '../observe/look-here.ts';

export type LimitedLook = {
  readonly judged: readonly JudgedCopy[];
  readonly look: LocalLook;
};

/**
 * Judges each pool that this server is backup of, by the table of limited mode. Gives the sentences
 * of what has changed; the roles hear of it with the next picture.
 */
export function judgeLimitedPools(
  parts: AgentParts,
  memory: AgentMemory,
  look: LimitedLook,
): readonly string[] {
  return backedPools(parts).flatMap((pool) => {
    const nowMs = parts.clock.bootMs();
    const before = memory.limited.get(pool.name) ?? firstLook(parts, pool, look.look);
    const seen = withHome(before, { nowMs, isServed: isServedAtHome(memory, pool) });
    const { limits } = parts.topology;
    const returns = seen.returnsMs.filter((at) => nowMs - at < limits.returnsWithinMs);
    const fact = diagnoseLimited(
      {
        hasMoved: hasMoved(parts, memory, pool),
        canServeHere: canServeHere(parts, memory, { pool, judged: look.judged }),
        silentMs: seen.servingSinceMs === undefined ? nowMs - seen.servedAtMs : undefined,
        servingMs: seen.servingSinceMs === undefined ? 0 : nowMs - seen.servingSinceMs,
        returns: returns.length,
      },
      limits,
    );
    const next = nextLimitedState(seen.state, fact);
    const isNews = next !== undefined && next.why !== seen.why;
    const hasReturned = next?.to === 'off' && fact === 'homeWellLongEnough';
    const hasBegun = seen.state === 'off' && next !== undefined;
    const isOff = (next?.to ?? seen.state) === 'off';
    memory.limited.set(pool.name, {
      ...seen,
      ...(next !== undefined && { state: next.to, why: next.why }),
      isAwaited: isOff && fact === 'homeSilent',
      ...(hasBegun && { sinceMs: parts.clock.nowMs() }),
      returnsMs: hasReturned ? [...returns, nowMs] : returns,
    });
    return isNews ? [sentenceOf(pool.name, next)] : [];
  });
}

/** The same words in log, status and report. */
export function sentenceOf(
  pool: PoolName,
  { to, why }: { readonly to: LimitedState; readonly why: string },
): string {
  const does = { on: 'is', off: 'is no more', returning: 'is for a while yet' }[to];
  return `pool ${pool} ${does} in limited mode: ${why}`;
}

export function limitedReports({ limited }: AgentMemory): readonly LimitedReport[] {
  return [...limited].flatMap(([pool, { state, why, sinceMs }]) =>
    state === 'off' ? [] : [{ pool, state, why, sinceMs }],
  );
}

/** Pools whose backup pool this server is of, and that it is not itself a home of. */
function backedPools({ topology, server }: AgentParts): readonly Pool[] {
  return topology.pools.filter(({ servers, backupPool }) => {
    const backup = topology.pools.find(({ name }) => name === backupPool);
    return backup?.servers.includes(server) === true && !servers.includes(server);
  });
}

/**
 * Silence is counted from this agent's own beginning. Roles that serve the pool in limited mode
 * since a former life of the agent go on with it.
 */
function firstLook({ clock }: AgentParts, { name }: Pool, { roles }: LocalLook): LimitedPool {
  const pools = roles.flatMap((role) => role.pools);
  const sinceMs = pools.find(({ pool }) => pool === name)?.limitedSinceMs;
  const common = {
    servedAtMs: clock.bootMs(),
    servingSinceMs: undefined,
    isAwaited: false,
    returnsMs: [],
  };
  if (sinceMs === undefined) return { ...common, state: 'off', why: '', sinceMs: 0 };
  const { to, why } = limitedMode.off.homeSilentLongEnough ?? { to: 'on', why: '' };
  return { ...common, state: to, why, sinceMs };
}

function withHome(
  before: LimitedPool,
  { nowMs, isServed }: { readonly nowMs: number; readonly isServed: boolean },
): LimitedPool {
  if (!isServed) return { ...before, servingSinceMs: undefined };
  return { ...before, servedAtMs: nowMs, servingSinceMs: before.servingSinceMs ?? nowMs };
}

/** A registrar is silent when its agent is, or when its roles are not up, or do not serve. */
function isServedAtHome({ partners }: AgentMemory, { name, servers }: Pool): boolean {
  return servers.some((server) => {
    const view = partners.get(server);
    if (view === undefined || view.isSilent) return false;
    return view.report.roles.some(
      ({ isUp, pools }) => isUp && pools.some((each) => each.pool === name && each.isServing),
    );
  });
}

function hasMoved({ topology }: AgentParts, memory: AgentMemory, { name }: Pool): boolean {
  const isMountedHere = topology.datasets.some(
    (each) => each.pool === name && memory.mounts.has(each.name),
  );
  return isMountedHere || (poolRecordOf(memory.decisions, name)?.state ?? 'active') !== 'active';
}

/** States of a copy from which users can be read, however old they are. */
const readable: ReadonlySet<string> = new Set([
  'healthy',
  'catchingUp',
  'disconnected',
  'suspended',
]);

function canServeHere(
  parts: AgentParts,
  memory: AgentMemory,
  { pool, judged }: { readonly pool: Pool; readonly judged: readonly JudgedCopy[] },
): boolean {
  const { datasets } = parts.topology;
  const theirs = datasets.find((each) => each.pool === pool.name);
  const ours = datasets.find((each) => each.pool === pool.backupPool);
  if (theirs === undefined || ours === undefined || !memory.mounts.has(ours.name)) return false;
  if (activeRecordOf(memory.decisions, theirs.name) === undefined) return false;
  return judged.some(
    ({ dataset, judgement }) => dataset === theirs.name && readable.has(judgement.state),
  );
}
