import {
  activeRecordOf,
  type ActiveRecord,
  type CopyJudgement,
  type CopyObservation,
  type CopySituation,
  type DatasetName,
  nextCopyState,
  type Order,
  orderedFact,
  type StoreName,
} from '@understudy/core';
import type { OwnStore } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { judgeCopies } from '../observe/judge-copies.ts';
import { lookAtOneCopy } from '../observe/look-here.ts';
import { ownDatasets } from '../own-store.ts';
import { refuse } from './refuse.ts';

/** The copy that an order is about, as it is now. */
export type FoundCopy = {
  readonly own: OwnStore;
  readonly copy: CopyObservation | undefined;
  readonly record: ActiveRecord | undefined;
  readonly judgement: CopyJudgement;
  readonly situation: CopySituation;
};

/** Looks at the copy of `dataset` on this server; `store` where the server has several. */
export async function findCopy(
  hands: Hands,
  dataset: DatasetName,
  store?: StoreName,
): Promise<FoundCopy> {
  const { parts, memory } = hands;
  const own = ownCopyOf(hands, dataset, store);
  const look = await lookAtOneCopy(parts, memory, { own, dataset });
  const judged = judgeCopies(parts, memory, look).find(
    (each) => each.dataset === dataset && each.own.engine.store === own.engine.store,
  );
  if (judged === undefined) return refuse('notHere', `${parts.server} has no copy of ${dataset}`);
  const { judgement, situation } = judged;
  return { own, judgement, situation, copy: situation.copy, record: situation.record };
}

/** The store of this server that holds `dataset` by the topology. */
export function ownCopyOf({ parts }: Hands, dataset: DatasetName, store?: StoreName): OwnStore {
  const found = ownDatasets(parts).find(
    (each) =>
      each.dataset === dataset && (store ?? each.own.engine.store) === each.own.engine.store,
  );
  if (found !== undefined) return found.own;
  const where = store === undefined ? parts.server : store;
  return refuse('notHere', `${where} has no copy of ${dataset} on ${parts.server}`);
}

/** Refuses what the lifecycle's table does not let the copy do in its state. */
export function checkLifecycle(order: Order, { own, judgement }: FoundCopy): void {
  const fact = orderedFact(order);
  if (fact === undefined || nextCopyState(judgement.state, fact) !== undefined) return;
  const why = `the copy on ${own.engine.store} is ${judgement.state} (${judgement.why})`;
  refuse('wrongState', `${why}: it cannot obey ${order.kind}`);
}

/** The newest decision known here. */
export function recordHere({ memory }: Hands, dataset: DatasetName): ActiveRecord | undefined {
  return activeRecordOf(memory.decisions, dataset);
}
