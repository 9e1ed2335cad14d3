import {
  type AbortSwitchOrder,
  type AwaitMarkerOrder,
  type FenceOrder,
  type MountOrder,
  type OrderOf,
  type OrderReport,
  showGeneration,
} from '@understudy/core';
import { detachForMount } from '../mount/detach-for-mount.ts';
import { learnHere } from '../mount/learn-here.ts';
import { mountAgain } from '../mount/mount-again.ts';
import { type Hands, openMount } from '../mount/open-mount.ts';
import { shutMount } from '../mount/shut-mount.ts';
import { promiseAbort, refuseAborted } from './attempts.ts';
import { checkLifecycle, findCopy, ownCopyOf, recordHere } from './find-copy.ts';
import { hasReadDecisions } from '../observe/look-here.ts';
import { refuse } from './refuse.ts';

// The orders of a switch. On both sides they are repeated harmlessly: each looks first whether it
// was carried out already.

/** Source: nobody writes here any more, and the marker says so to the target (E3). */
export async function obeyFence(hands: Hands, order: FenceOrder & OrderOf): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { dataset, generation, run, attempt, target } = order;
  await refuseAborted(parts, memory, order);
  const own = ownCopyOf(hands, dataset, recordHere(hands, dataset)?.active);
  refuseNewer(hands, order);
  // What this agent holds is mounted: no look is needed, and the fenced window stays short.
  if (memory.mounts.get(dataset)?.generation !== generation) {
    checkLifecycle(order, await findCopy(hands, dataset, own.engine.store));
  }
  const handOver = { run, attempt, target };
  const position = await shutMount(hands, { own, dataset, generation, handOver });
  const by = showGeneration(generation);
  return { position, why: `fenced ${dataset} at generation ${by}; its marker is written` };
}

function refuseNewer(hands: Hands, { dataset, generation }: FenceOrder): void {
  const known = recordHere(hands, dataset)?.generation;
  if (known === undefined || known === generation) return;
  const newest = showGeneration(known);
  const words = `generation ${newest} is decided for ${dataset}`;
  refuse('staleGeneration', `${words}, not ${showGeneration(generation)}`);
}

/** Target: waits beside the queue, so that an abort never waits behind it. */
export async function obeyAwaitMarker(
  hands: Hands,
  order: AwaitMarkerOrder & OrderOf,
): Promise<OrderReport> {
  const { dataset } = order.marker;
  await refuseAborted(hands.parts, hands.memory, { ...order, dataset });
  const own = ownCopyOf(hands, dataset);
  const { marker, timeoutMs } = order;
  const position = await own.engine.awaitMarker({ marker, timeoutMs });
  return { position, why: `${dataset} on ${own.engine.store} has the marker and all before it` };
}

/** Target: detach, move the way back to here, open the gate, tell the roles. */
export async function obeyMount(hands: Hands, order: MountOrder & OrderOf): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { record } = order;
  const { dataset, generation } = record;
  await refuseAborted(parts, memory, { ...order, dataset });
  await learnHere(parts, memory, [record]);
  const known = recordHere(hands, dataset);
  if (known?.generation !== generation || known.active !== record.active) {
    const newest = showGeneration(known?.generation ?? generation);
    refuse('staleGeneration', `generation ${newest} is decided for ${dataset} by now`);
  }
  const found = await findCopy(hands, dataset, record.active);
  const { own, copy } = found;
  if (copy === undefined) return refuse('notHere', `${own.engine.store} has no ${dataset}`);
  if (copy.gate.isOpen && copy.gate.generation === generation) {
    return { why: `${dataset} is mounted already under generation ${showGeneration(generation)}` };
  }
  checkLifecycle(order, found);
  checkMarker(order, copy.marker?.generation, copy.marker?.run);
  if (copy.mountedGeneration >= generation) {
    // The run was taken up after this mount's time ran out: it needs a new generation (E1). Whoever
    // forced has said that silent partners are off.
    const isSilenceFine = record.former?.how === 'forced';
    return { why: await mountAgain(hands, { own, copy, record, isSilenceFine }) };
  }
  const origin = await detachForMount(parts, { own, copy, record });
  const why = await openMount(hands, { own, record });
  return { why, ...(origin === undefined ? {} : { origin }) };
}

/** A hand-over is mounted only over the marker of its own generation and run (E1). */
function checkMarker(
  { record, run }: MountOrder & OrderOf,
  generation: number | undefined,
  markerRun: string | undefined,
): void {
  const { former } = record;
  if (former === undefined || former.how === 'forced') return;
  if (generation === former.generation && markerRun === run) return;
  refuse(
    'rule',
    `the marker of run ${run} at generation ${showGeneration(former.generation)} is not here`,
  );
}

/** Target: never mounts under this attempt. Source: mounts again, under a new generation. */
export async function obeyAbortSwitch(
  hands: Hands,
  order: AbortSwitchOrder & OrderOf,
): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { dataset, side } = order;
  const found = await findCopy(hands, dataset);
  const { own, copy, record } = found;
  const { store } = own.engine;
  if (side === 'target') {
    if (copy?.gate.isOpen === true)
      refuse('wrongState', `${dataset} is mounted on ${store} already`);
    await promiseAbort(parts, memory, order);
    if (record !== undefined && record.active !== store && hasReadDecisions(parts, memory)) {
      // It may have been taken for a decision that never came.
      const former = { store: record.active, generation: record.generation };
      await parts.mountRight.giveBack({ dataset: record.id, store }, former);
    }
    return { why: `${store} will not mount ${dataset} in attempt ${order.attempt}` };
  }
  await promiseAbort(parts, memory, order);
  if (copy === undefined || record === undefined) {
    return refuse('notHere', `${store} has no ${dataset} to mount again`);
  }
  if (record.active !== store) {
    const by = showGeneration(record.generation);
    refuse('staleGeneration', `generation ${by} names ${record.active} active, not ${store}`);
  }
  if (copy.gate.isOpen) return { why: `${dataset} is still mounted on ${store}` };
  checkLifecycle(order, found);
  return { why: await mountAgain(hands, { own, copy, record }) };
}
