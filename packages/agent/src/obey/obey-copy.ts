import {
  counted,
  type ActiveRecord,
  type CopyObservation,
  type DatasetName,
  type DetachOrder,
  type DismountOrder,
  findLine,
  type FollowOrder,
  isSameLink,
  type Line,
  type OrderOf,
  type OrderReport,
  type PrepareWayBackOrder,
  type SeedOrder,
  type SetAsideOrder,
  showGeneration,
  type VerifyOrder,
  wayBackLinks,
  type StoreName,
} from '@understudy/core';
import type { OwnStore } from '../agent-parts.ts';
import { followFromSlot } from '../duty/follow-from-slot.ts';
import { letFollowersGo } from '../duty/let-followers-go.ts';
import { learnHere } from '../mount/learn-here.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutMount } from '../mount/shut-mount.ts';
import { isVouchedFor, whyNotBegunAnew } from '../observe/judge-identities.ts';
import { checkLifecycle, type FoundCopy, findCopy, recordHere } from './find-copy.ts';
import { refuse } from './refuse.ts';

// Orders about one copy outside of a switch's fenced window.

export async function obeyDetach(hands: Hands, order: DetachOrder & OrderOf): Promise<OrderReport> {
  const { dataset, generation } = order;
  const found = await findCopy(hands, dataset);
  const { own, copy } = found;
  if (copy !== undefined && copy.following === undefined && !copy.gate.isOpen) {
    return detached(dataset, copy.origin);
  }
  checkLifecycle(order, found);
  const timeoutMs = hands.parts.topology.limits.detachTimeoutMs;
  return detached(dataset, await own.engine.detach({ dataset, generation, timeoutMs }));
}

function detached(dataset: DatasetName, origin: OrderReport['origin']): OrderReport {
  const reached = origin === undefined ? 'nothing' : `${origin.lsn} of ${origin.from}`;
  const why = `${dataset} is detached; it has reached ${reached}`;
  return { why, ...(origin === undefined ? {} : { origin }) };
}

export async function obeyPrepareWayBack(
  hands: Hands,
  order: PrepareWayBackOrder & OrderOf,
): Promise<OrderReport> {
  const { dataset } = order;
  const found = await findCopy(hands, dataset);
  const { own, record } = found;
  if (record === undefined) return refuse('unknownSubject', `nothing is decided of ${dataset}`);
  checkLifecycle(order, found);
  return { why: await prepareWayBack(hands, { own, record }) };
}

/** Makes the slots that every other copy will follow from, should this one become active (E6). */
export async function prepareWayBack(
  { parts }: Hands,
  { own, record }: { readonly own: OwnStore; readonly record: ActiveRecord },
): Promise<string> {
  const { store } = own.engine;
  const { datasets, limits } = parts.topology;
  const copies = datasets.find(({ name }) => name === record.dataset)?.copies ?? [];
  const stores = copies.map((copy) => copy.store);
  for (const link of wayBackLinks(record, store, stores)) {
    await own.engine.prepareWayBack(link, limits.slotTimeoutMs);
  }
  return `the way back of ${record.dataset} stands on ${store}`;
}

export async function obeyDismount(
  hands: Hands,
  order: DismountOrder & OrderOf,
): Promise<OrderReport> {
  const { dataset, generation } = order;
  const found = await findCopy(hands, dataset);
  const { own, copy } = found;
  if (copy === undefined || !copy.gate.isOpen) return { why: `${dataset} is not mounted here` };
  if (copy.gate.generation > generation) {
    const open = showGeneration(copy.gate.generation);
    refuse('staleGeneration', `${dataset} is mounted under generation ${open} by now`);
  }
  checkLifecycle(order, found);
  const position = await shutMount(hands, { own, dataset, generation: copy.gate.generation });
  return { position, why: `dismounted ${dataset} on ${own.engine.store}` };
}

export async function obeyFollow(hands: Hands, order: FollowOrder & OrderOf): Promise<OrderReport> {
  const { link, record } = order;
  const { dataset } = link;
  await agreeOn(hands, record);
  const found = await findCopy(hands, dataset, link.to);
  const { own, copy } = found;
  if (copy === undefined) return refuse('notHere', `${own.engine.store} has no ${dataset}`);
  const why = `${dataset} on ${link.to} follows ${link.from}`;
  if (copy.following !== undefined && isSameLink(copy.following.link, link)) return { why };
  // Its seed is a way to follow too: detached from that it would be half a copy for nothing.
  const line = findLine(copy, record, found.situation);
  if (line.kind === 'follows') return { why: `${why} since its seed` };
  refuseTakenBack(hands, link.from);
  checkLifecycle(order, found);
  // Torn off before it has the marker it would lack for good what only its former source has.
  if (line.kind !== 'canFollow') refuse('wrongState', `${link.to} ${wordsOfLine(line, copy)}`);
  const waiting = await letFollowersGo({ own, copy }, link.from);
  if (waiting !== undefined) refuse('wrongState', waiting);
  const { by } = line;
  const unshown = await followFromSlot(hands, { own, copy, record, line: { link, by } });
  if (unshown !== undefined) refuse('wrongState', unshown);
  return { why: `${why} from its standing slot, copying nothing` };
}

function wordsOfLine(
  line: Exclude<Line, { kind: 'canFollow' | 'follows' }>,
  copy: CopyObservation,
) {
  if (line.kind !== 'awaitsMarker') return `cannot follow it: ${line.why}`;
  return `waits for the last writes of ${copy.following?.link.from ?? 'whom it followed'}`;
}

export async function obeySeed(hands: Hands, order: SeedOrder & OrderOf): Promise<OrderReport> {
  const { link, record } = order;
  const { dataset } = link;
  await agreeOn(hands, record);
  const found = await findCopy(hands, dataset, link.to);
  const { own, copy } = found;
  const why = `${dataset} on ${link.to} is seeded from ${link.from}`;
  if (copy?.following !== undefined && isSameLink(copy.following.link, link)) return { why };
  if (copy !== undefined) {
    refuse(
      'wrongState',
      `${link.to} has ${dataset} already (${found.judgement.state}): set it aside`,
    );
  }
  refuseTakenBack(hands, link.from);
  // It is not seeded before others have noted that nothing of its past is left (E10).
  const asItWas = whyNotBegunAnew(hands.memory, link.to);
  if (asItWas !== undefined) refuse('takenBack', asItWas);
  if (!isVouchedFor(hands.memory, link.to)) {
    refuse('takenBack', `nobody who knows ${link.to} has said yet that it is what it was`);
  }
  checkLifecycle(order, found);
  await own.engine.seed({ id: record.id, link });
  return { why };
}

export async function obeySetAside(
  hands: Hands,
  order: SetAsideOrder & OrderOf,
): Promise<OrderReport> {
  const { dataset, record } = order;
  await agreeOn(hands, record);
  const found = await findCopy(hands, dataset);
  if (found.copy === undefined) {
    // There, and not to be looked at: it may hold the only copy of a write (A3).
    if (found.judgement.state === 'failed') refuse('wrongState', found.judgement.why);
    return { why: `nothing of ${dataset} is here to set aside` };
  }
  if (found.copy.store === record.active || found.copy.gate.isOpen) {
    refuse('wrongState', `${dataset} on ${found.copy.store} is the active copy`);
  }
  checkLifecycle(order, found);
  return { why: await setAside(hands, found, dataset) };
}

/** Keeps the database under another name, with the slots that salvage reads (decisions/0015). */
export async function setAside(
  { memory }: Pick<Hands, 'memory'>,
  { own, copy }: Pick<FoundCopy, 'own' | 'copy'>,
  dataset: DatasetName,
): Promise<string> {
  if (copy === undefined) return `nothing of ${dataset} is here to set aside`;
  // As the plan names it: by its last mount, or by what it has seen when it never was.
  const generation = copy.mountedGeneration || copy.generationSeen;
  const isTakenBack = memory.takenBack.has(own.engine.store);
  const name = await own.engine.setAside({ dataset, generation, isTakenBack });
  return `${dataset} on ${own.engine.store} is kept as ${name}`;
}

export async function obeyVerify(hands: Hands, order: VerifyOrder & OrderOf): Promise<OrderReport> {
  const { dataset } = order;
  const found = await findCopy(hands, dataset);
  const { own, record } = found;
  if (record === undefined) return refuse('unknownSubject', `nothing is decided of ${dataset}`);
  checkLifecycle(order, found);
  const { verifyFindingsMax, seedTimeoutMs } = hands.parts.topology.limits;
  const verify = await own.engine.verify({
    dataset,
    record,
    findingsMax: verifyFindingsMax,
    timeoutMs: seedTimeoutMs,
  });
  const count = verify.differences.length;
  const words = count === 0 ? 'equal' : `different in ${counted(count, 'row')}`;
  return {
    verify,
    why: `${dataset} on ${own.engine.store}: ${counted(verify.rows, 'row')} compared: ${words}`,
  };
}

/** Learns the leader's decision, and refuses an order that rests on an older one. */
export async function agreeOn(hands: Hands, record: ActiveRecord): Promise<void> {
  await learnHere(hands.parts, hands.memory, [record]);
  const known = recordHere(hands, record.dataset);
  if (known === undefined || known.generation === record.generation) return;
  const newest = showGeneration(known.generation);
  refuse('staleGeneration', `generation ${newest} is decided for ${record.dataset} by now`);
}

/** Nobody follows a store that went back in time (E10). */
function refuseTakenBack({ memory }: Hands, store: StoreName): void {
  const why = memory.takenBack.get(store);
  if (why !== undefined) refuse('rule', why);
}
