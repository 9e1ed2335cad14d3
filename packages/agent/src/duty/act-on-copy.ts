import {
  type ActiveRecord,
  type CopyAction,
  type CopyObservation,
  findLine,
  seedLink,
} from '@understudy/core';
import { mountAgain } from '../mount/mount-again.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutMount } from '../mount/shut-mount.ts';
import { copyKey, type JudgedCopy } from '../observe/judge-copies.ts';
import { whyNotBegunAnew } from '../observe/judge-identities.ts';
import { prepareWayBack, setAside } from '../obey/obey-copy.ts';
import { followFromSlot } from './follow-from-slot.ts';
import { letFollowersGo } from './let-followers-go.ts';

/**
 * Acts that may wait for somebody else's transactions: they run beside the cycle, which goes on
 * looking after everything else.
 */
export const slowActions: ReadonlySet<CopyAction> = new Set([
  'seedFromActive',
  'followActive',
  'prepareWayBack',
  'setAside',
]);

/**
 * Does what the lifecycle's table says follows for a copy that nobody gave an order about.
 * Resolves with what was done in words, or undefined where the action is to wait.
 */
export async function actOnCopy(hands: Hands, judged: JudgedCopy): Promise<string | undefined> {
  const { own, dataset, situation, judgement } = judged;
  const { copy, record } = situation;
  const action = judgement.next?.action;
  if (record === undefined || action === undefined) return undefined;
  const act: Act = { hands, judged, record };
  switch (action) {
    case 'seedFromActive':
      return await seed(act);
    case 'followActive':
      return copy && (await follow(act, copy));
    case 'suspendFollowing':
      await own.engine.suspend(dataset);
      return `${dataset} stands still on ${own.engine.store}`;
    case 'resumeFollowing':
      // Whatever comes of it, it is not done again in every cycle.
      hands.memory.unconnectedSinceMs.delete(copyKey(dataset, own));
      await own.engine.resume(dataset);
      return `${dataset} goes on on ${own.engine.store}`;
    case 'prepareWayBack':
      return await prepareWayBack(hands, { own, record });
    case 'mount':
    case 'mountAgain':
      return copy && (await mountAgain(hands, { own, copy, record }));
    case 'dismount':
    case 'fenceSelf':
      return copy && (await fenceSelf(act, copy));
    case 'setAside':
      return await setAside(hands, { own, copy }, dataset);
    // Orders and runs do these, or there is nothing to do.
    case 'wait':
    case 'keepFollowing':
    case 'stopFollowing':
    case 'awaitMarker':
    case 'detach':
    case 'verify':
    case 'admitClients':
    case 'fenceForHandOver':
    case 'beginReturn':
      return undefined;
  }
}

type Act = {
  readonly hands: Hands;
  readonly judged: JudgedCopy;
  readonly record: ActiveRecord;
};

async function seed({ hands, judged, record }: Act): Promise<string | undefined> {
  const { own, dataset } = judged;
  const { store } = own.engine;
  // Others must have taken note that nothing of the store's past is left (E10).
  const back = whyNotBegunAnew(hands.memory, store);
  if (back !== undefined) return `${dataset} is not seeded yet: ${back}`;
  await own.engine.seed({ id: record.id, link: seedLink(record, store) });
  return `${dataset} on ${store} is seeded from ${record.active}`;
}

async function follow({ hands, judged, record }: Act, copy: CopyObservation) {
  const { own, dataset, situation } = judged;
  const line = findLine(copy, record, situation);
  if (line.kind !== 'canFollow') return undefined;
  const waiting = await letFollowersGo({ own, copy }, record.active);
  if (waiting !== undefined) return waiting;
  const unshown = await followFromSlot(hands, { own, copy, record, line });
  const where = `${dataset} on ${own.engine.store}`;
  if (unshown !== undefined) return `${where} is seeded anew: ${unshown}`;
  return `${where} follows ${record.active}, copying nothing`;
}

async function fenceSelf({ hands, judged }: Act, copy: CopyObservation): Promise<string> {
  const { own, dataset } = judged;
  const { generation } = copy.gate;
  const isAtOnce = judged.judgement.next?.action === 'fenceSelf';
  await shutMount(hands, { own, dataset, generation, isAtOnce });
  return `dismounted ${dataset} on ${own.engine.store}: ${judged.judgement.next?.why ?? ''}`;
}
