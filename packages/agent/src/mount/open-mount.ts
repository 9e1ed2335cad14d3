import { type ActiveRecord, showGeneration } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import type { Assigner } from '../supervise/create-assigner.ts';

/** What acts that open or shut gates need. */
export type Hands = {
  readonly parts: AgentParts;
  readonly memory: AgentMemory;
  readonly assigner: Assigner;
};

/**
 * Opens the gate under the generation of `record` and tells the roles at once. The record stands
 * in the control database already; the engine refuses a generation that it has seen (E1).
 */
export async function openMount(
  { parts, memory, assigner }: Hands,
  { own, record }: { readonly own: OwnStore; readonly record: ActiveRecord },
): Promise<string> {
  const { dataset, generation } = record;
  const validForMs = await parts.mountRight.validForMs(dataset, generation);
  if (validForMs === undefined) {
    throw new EngineRefusedError(`${dataset} may not be mounted: the right to it is lost`);
  }
  // Read before the gate's time begins, so the roles always stop first (V1, E12).
  const fromMs = parts.clock.bootMs();
  await own.engine.mount({ dataset, generation, holder: parts.server, validForMs });
  const { store } = own.engine;
  memory.mounts.set(dataset, { dataset, store, generation, deadlineMs: fromMs + validForMs });
  const unheard = await assigner.assign();
  const roles = unheard === undefined ? '' : `; its roles do not know yet: ${unheard}`;
  return `mounted ${dataset} on ${store} under generation ${showGeneration(generation)}${roles}`;
}
