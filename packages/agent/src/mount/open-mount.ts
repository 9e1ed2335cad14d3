import { type ActiveRecord, showGeneration } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import type { Assigner } from '../supervise/create-assigner.ts';
import { beginClock } from '../supervise/gate-clock.ts';

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
  const { dataset, id, generation } = record;
  const { store } = own.engine;
  // V1, E12: both clocks are read before the right is asked for, and time counts from there; the
  // roles' first, so that they stop before the gate shuts.
  const askedMs = parts.clock.bootMs();
  const fromMs = await own.engine.readGateClock(dataset);
  const reading = { storeMs: fromMs, askedMs, answeredMs: parts.clock.bootMs() };
  const validForMs = await parts.mountRight.validForMs({ dataset: id, store, generation });
  if (validForMs === undefined) {
    throw new EngineRefusedError(`${dataset} may not be mounted: the right to it is lost`);
  }
  await own.engine.mount({ dataset, generation, holder: parts.server, validForMs, fromMs });
  beginClock({ memory, log: parts.log }, { dataset, store }, reading);
  const deadlineMs = askedMs + validForMs;
  memory.mounts.set(dataset, { dataset, id, store, generation, deadlineMs });
  const unheard = await assigner.assign();
  const roles = unheard === undefined ? '' : `; its roles do not know yet: ${unheard}`;
  return `mounted ${dataset} on ${store} under generation ${showGeneration(generation)}${roles}`;
}
