import type { AgentReport, RunRow, RunSummary } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { limitedReports } from '../supervise/limited-pools.ts';
import { copyReports, judgeCopies } from './judge-copies.ts';
import type { LocalLook } from './look-here.ts';

/** Runs that a report carries: the newest, and every unfinished one among them. */
const runsReportedMax = 20;

/** All that this agent says of itself, from one look. */
export function buildReport(parts: AgentParts, memory: AgentMemory, look: LocalLook): AgentReport {
  const { server, topology, topologyHash, version, clock } = parts;
  const site = topology.servers.find(({ name }) => name === server)?.site;
  if (site === undefined) throw new Error(`the topology names no server ${server}`);
  return {
    server,
    site,
    version,
    topologyHash,
    atMs: clock.nowMs(),
    stores: look.stores.map(({ store, isUp, identity, datasets, error, shortage }) => ({
      store,
      isUp,
      ...(datasets === undefined ? {} : { datasets }),
      ...(identity === undefined ? {} : { identity }),
      ...(error === undefined ? {} : { error }),
      ...(shortage === undefined ? {} : { shortage }),
    })),
    copies: copyReports(memory, judgeCopies(parts, memory, look)),
    decisions: look.decisions,
    roles: look.roles,
    runs: newestRuns(look.runs),
    setAside: look.stores.flatMap(({ store, setAside }) =>
      setAside.map((each) => ({ store, ...each })),
    ),
    identities: look.identities,
    limited: limitedReports(memory),
    ...votesOf(parts, memory),
    verdict: memory.verdict,
  };
}

function votesOf(
  { mountRight }: AgentParts,
  { activation }: AgentMemory,
): Pick<AgentReport, 'votes'> {
  const votes = mountRight.look();
  if (votes === undefined) return {};
  const waiting = activation?.answer === 'wait' ? { waiting: activation.why } : {};
  return { votes: { ...votes, ...waiting } };
}

export function newestRuns(runs: readonly RunRow[]): readonly RunSummary[] {
  return [...runs]
    .sort((left, right) => right.startedAtMs - left.startedAtMs)
    .slice(0, runsReportedMax)
    .map(({ plan: _, planHash: __, version: ___, approvals: ____, ...summary }) => summary);
}
