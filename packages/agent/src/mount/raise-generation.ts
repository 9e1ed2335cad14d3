import {
  type ActiveRecord,
  type CopyObservation,
  type Decision,
  newestGeneration,
  nextGeneration,
  showGeneration,
} from '@understudy/core';
import { type AgentClient, type Decided, withTimeout } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import { learnHere } from './learn-here.ts';

/** The generation that was taken, or who knows better; then nothing may be mounted. */
export type Raised =
  | { readonly isRaised: true; readonly record: ActiveRecord }
  | { readonly isRaised: false; readonly why: string };

/** A copy on a store of this server, and the decision that names it active. */
export type MountPlace = {
  readonly own: OwnStore;
  readonly copy: CopyObservation;
  readonly record: ActiveRecord;
};

/**
 * Takes a new generation for a mount of the same store again (SAFETY E1): compare-and-set in the
 * own control database first, then in every partner's that answers. Whoever knows a newer one is
 * believed, and its record learned.
 */
export async function raiseGeneration(
  parts: AgentParts,
  memory: AgentMemory,
  { own, copy, record }: MountPlace,
): Promise<Raised> {
  const others = newestGeneration(knownGenerations(memory, record));
  const seen = newestGeneration([others, copy.generationSeen, copy.mountedGeneration]);
  const next: ActiveRecord = { ...record, generation: nextGeneration(seen) };
  const decided = await own.control.decide(next, record.generation);
  if (!decided.isDone) return await yieldTo(parts, memory, decided.current);
  await learnHere(parts, memory, [next]);
  const answers = await Promise.all(
    parts.partners.map((partner) => tellPartner(parts, partner, { next, from: record })),
  );
  const newer = answers.find((each) => each !== undefined && !each.isDone);
  return newer === undefined || newer.isDone
    ? { isRaised: true, record: next }
    : await yieldTo(parts, memory, newer.current);
}

function knownGenerations(memory: AgentMemory, { dataset, generation }: ActiveRecord) {
  const reports = [...memory.partners.values()].flatMap((view) =>
    view.isSilent ? [] : [view.report],
  );
  const copies = reports
    .flatMap((report) => report.copies)
    .filter((copy) => copy.dataset === dataset)
    .map((copy) => copy.generationSeen);
  const records = reports
    .flatMap((report) => report.decisions)
    .filter((each) => each.kind === 'active' && each.dataset === dataset)
    .map((each) => each.generation);
  return [generation, ...copies, ...records];
}

type Telling = { readonly next: ActiveRecord; readonly from: ActiveRecord };

/** Undefined when the partner did not answer: it learns from the next report it gets. */
async function tellPartner(
  { clock, topology }: AgentParts,
  partner: AgentClient,
  { next, from }: Telling,
): Promise<Decided | undefined> {
  const bound = { ms: topology.limits.peerTimeoutMs, what: `agent of ${partner.server}` };
  return await withTimeout(clock, bound, async () => {
    const decided = await partner.decide(next, from.generation);
    if (decided.isDone || !isBehind(decided.current, next)) return decided;
    await partner.learn([next]);
    return { isDone: true } as const;
  }).catch(() => undefined);
}

/** The partner only lacks generations in between; it knows of no other takeover. */
function isBehind(current: Decision | undefined, next: ActiveRecord): boolean {
  if (current === undefined) return true;
  if (current.kind !== 'active' || current.generation >= next.generation) return false;
  const isSameTime = current.active === next.active && current.since === next.since;
  return isSameTime || current.generation < next.since;
}

async function yieldTo(
  parts: AgentParts,
  memory: AgentMemory,
  current: Decision | undefined,
): Promise<Raised> {
  if (current === undefined) return { isRaised: false, why: 'no record stands here any more' };
  await learnHere(parts, memory, [current]);
  const by = current.kind === 'active' ? ` for ${current.active}` : '';
  const why = `generation ${showGeneration(current.generation)} was decided${by} meanwhile`;
  return { isRaised: false, why };
}
