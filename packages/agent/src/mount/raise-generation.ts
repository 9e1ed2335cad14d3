import {
  type ActiveRecord,
  type CopyObservation,
  type Decision,
  type Generation,
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

// Where nobody votes, a takeover is decided first in the control database of the copy that takes
// over. So the active side's own remount is decided first in the passive side's: of two that take
// the same number at the same time one finds the other's record there, whatever dies or is cut in
// between.

/** A copy on a store of this server, and the decision that names it active. */
export type MountPlace = {
  readonly own: OwnStore;
  readonly copy: CopyObservation;
  readonly record: ActiveRecord;
  /** An operator's word that silent partners do not matter: they are off. */
  readonly isSilenceFine?: boolean;
  /** Nothing is opened under the new generation, so whoever is silent may hear of it later. */
  readonly opensNothing?: boolean;
};

/**
 * Takes a new generation for the same store (E1): compare-and-set at every partner with a
 * copy, then in the own control database. Whoever knows a newer record is believed and learned.
 */
export async function raiseGeneration(
  parts: AgentParts,
  memory: AgentMemory,
  place: MountPlace,
): Promise<Raised> {
  const { own, copy, record, isSilenceFine, opensNothing } = place;
  const others = newestGeneration(knownGenerations(memory, record));
  const known = newestGeneration([others, copy.generationSeen, copy.mountedGeneration]);
  if (parts.mountRight.isVoted && place.opensNothing !== true) {
    return await raiseByVote(parts, memory, { place, known });
  }
  const next: ActiveRecord = { ...record, generation: nextGeneration(known) };
  for (const partner of partnersOf(parts, record.dataset)) {
    const answer = await tellPartner(parts, partner, { next, from: record });
    if (answer?.isDone === false) return await yieldTo(parts, memory, answer.current);
    if (answer === undefined && isSilenceFine !== true && opensNothing !== true) {
      return { isRaised: false, why: `${partner.server} may know better and does not answer` };
    }
  }
  const decided = await own.control.decide(next, record.generation);
  if (!decided.isDone) return await yieldTo(parts, memory, decided.current);
  await learnHere(parts, memory, [next]);
  return { isRaised: true, record: next };
}

/**
 * Where there are votes the two meet at a majority (decisions/0035): who is silent knows nothing
 * that the voters do not. What was taken and cannot be decided is given back.
 */
async function raiseByVote(
  parts: AgentParts,
  memory: AgentMemory,
  { place, known }: { readonly place: MountPlace; readonly known: Generation },
): Promise<Raised> {
  const { own, record, isSilenceFine } = place;
  const { id, active } = record;
  const tried = await parts.mountRight.newestTried(id);
  const generation = nextGeneration(newestGeneration([known, tried]));
  const right = { dataset: id, store: active, generation };
  const follows = isSilenceFine === true ? undefined : active;
  const followed = {
    follows,
    followsSince: record.since,
    decided: { store: active, generation: record.generation },
  };
  const taken = await parts.mountRight.take({ ...right, ...followed });
  if (!taken.isTaken) return { isRaised: false, why: taken.why };
  const next: ActiveRecord = { ...record, generation };
  const answer = await own.control.decide(next, record.generation);
  if (!answer.isDone) {
    await parts.mountRight.release(right);
    return await yieldTo(parts, memory, answer.current);
  }
  await learnHere(parts, memory, [next]);
  return { isRaised: true, record: next };
}

/** Agents of other copies of the dataset: only there can a takeover have been decided. */
function partnersOf({ partners, topology }: AgentParts, dataset: ActiveRecord['dataset']) {
  const copies = topology.datasets.find(({ name }) => name === dataset)?.copies ?? [];
  const servers = new Set(
    copies.map(({ store }) => topology.stores.find(({ name }) => name === store)?.server),
  );
  return partners.filter(({ server }) => servers.has(server));
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
