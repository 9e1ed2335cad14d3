import { type Decision, isNewerDecision, newestDecisions, subjectOf } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';

/** Takes newer decisions over: into every control database of this server, and into memory. */
export async function learnHere(
  parts: AgentParts,
  memory: AgentMemory,
  decisions: readonly Decision[],
): Promise<void> {
  const known = new Map(memory.decisions.map((each) => [subjectOf(each), each]));
  const newer = decisions.filter((each) => isNewerDecision(each, known.get(subjectOf(each))));
  if (newer.length === 0) return;
  memory.decisions = newestDecisions(memory.decisions, newer);
  await Promise.all(parts.stores.map(({ control }) => control.learn(newer)));
}
