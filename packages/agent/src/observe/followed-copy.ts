import type { CopyObservation, CopySituation } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { LocalLook } from './look-here.ts';

/**
 * What was said in this cycle of the copy that `copy` follows; `gone` when its store answers and
 * has no such database, undefined when it follows nobody or nobody answers.
 */
export function followedCopy(
  memory: AgentMemory,
  look: LocalLook,
  copy: CopyObservation | undefined,
): CopySituation['followed'] {
  if (copy?.following === undefined) return undefined;
  const { from, dataset } = copy.following.link;
  const views = [...memory.partners.values()].flatMap((view) =>
    view.isSilent ? [] : [view.report],
  );
  const reports = [{ stores: look.stores, copies: look.stores.flatMap((each) => each.copies) }];
  for (const { stores, copies } of [...reports, ...views]) {
    const store = stores.find((each) => each.store === from);
    if (store?.isUp !== true) continue;
    const seen = copies.find((each) => each.store === from && each.dataset === dataset);
    if (seen !== undefined) return seen;
    return store.datasets?.includes(dataset) === false ? 'gone' : undefined;
  }
  return undefined;
}
