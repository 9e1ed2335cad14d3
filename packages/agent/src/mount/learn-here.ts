import { type Decision, isNewerDecision, newestDecisions, subjectOf } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';

/**
 * Takes newer decisions over: into every control database of this server, and into memory.
 * `writtenIn` is a store whose control database has them already.
 */
export async function learnHere(
  parts: AgentParts,
  memory: AgentMemory,
  decisions: readonly Decision[],
  writtenIn?: OwnStore,
): Promise<void> {
  const known = new Map(memory.decisions.map((each) => [subjectOf(each), each]));
  const newer = decisions.filter((each) => isNewerDecision(each, known.get(subjectOf(each))));
  const before = memory.unwritten;
  if (newer.length === 0 && before.length === 0) return;
  memory.decisions = newestDecisions(memory.decisions, newer);
  // A store that is down now must have them before an agent that remembers nothing reads it.
  const unwritten = newestDecisions(before, newer);
  memory.unwritten = unwritten;
  const others = before.length > 0 ? parts.stores : parts.stores.filter((own) => own !== writtenIn);
  await Promise.all(others.map(({ control }) => control.learn(unwritten)));
  memory.unwritten = memory.unwritten.filter((each) => !unwritten.includes(each));
}
