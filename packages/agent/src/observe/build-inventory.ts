import { type Inventory, newestDecisions } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { quoteCopies } from '../lead/quotes.ts';
import { askPartners } from './ask-partners.ts';
import { buildReport } from './build-report.ts';
import { lookHere } from './look-here.ts';

/** What this agent and its partners see now, beside what is wanted: all that plans are made of. */
export async function buildInventory(parts: AgentParts, memory: AgentMemory): Promise<Inventory> {
  const [look, views] = await Promise.all([lookHere(parts, memory), askPartners(parts, memory)]);
  const heard = [...views].sort(([left], [right]) => (left < right ? -1 : 1));
  const reports = heard.flatMap(([, view]) => (view.isSilent ? [] : [view.report]));
  const seen = {
    topology: parts.topology,
    topologyHash: parts.topologyHash,
    observer: parts.server,
    atMs: parts.clock.nowMs(),
    reports: [buildReport(parts, memory, look), ...reports],
    silent: heard.flatMap(([server, view]) => (view.isSilent ? [{ server, why: view.why }] : [])),
    decisions: newestDecisions(look.decisions, ...reports.map((each) => each.decisions)),
  };
  return { ...seen, quotes: quoteCopies(seen) };
}
