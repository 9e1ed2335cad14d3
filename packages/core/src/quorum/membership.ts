import type { ServerName } from '../ids.ts';
import type { Topology } from '../topology/topology.ts';
import { type Count, countVotes } from './count-votes.ts';
import { asVoter, type VoterName } from './vote-record.ts';

// Who votes (V4, decisions/0041). Members are servers; a started one votes by its first store. The
// witness votes while the started ones are even in number, and where etcd is the voter it alone
// votes. Each change has a higher membership generation, which ranks before the counter in every
// generation that is taken under it.

export type Membership = {
  readonly generation: number;
  readonly started: readonly ServerName[];
  /** Taken off the count, dead or alive, until they are started again. */
  readonly stopped: readonly ServerName[];
  /** Stopped members that go on with what they do: the membership alone was changed. */
  readonly untouched?: readonly ServerName[];
  readonly witness?: VoterName;
  /** Where an alternate witness is, sealed: its URL holds a password. */
  readonly witnessAt?: string;
  /** One cluster votes for everybody. */
  readonly cluster?: VoterName;
  /**
   * Who voted before: a majority of them has this membership too, and what they knew of leases is
   * carried over. Absent at birth, and after a restore, which no former majority granted.
   */
  readonly former?: { readonly generation: number; readonly voters: readonly VoterName[] };
};

/** A witness that is not the topology's. */
export type AlternateWitness = { readonly voter: VoterName; readonly at: string };

export type Changed =
  | { readonly isAllowed: true; readonly next: Membership }
  | { readonly isAllowed: false; readonly why: string };

/** The name under which the topology's own witness votes. */
export const witnessName = asVoter('witness');
/** The name under which a cluster of etcd votes. */
export const clusterName = asVoter('etcd');

/**
 * Restores rank before changes: 1000 and more, 2000 and more, … So what a side that was cut off
 * changes by its majority is lower than what the other side restored.
 */
const changesPerRestore = 1_000;

/** The membership of a group that was never changed: undefined where nobody votes. */
export function membershipAtBirth({ servers, stores, votes }: Topology): Membership | undefined {
  if (votes === undefined) return undefined;
  const started = servers
    .map(({ name }) => name)
    .filter((name) => stores.some(({ server }) => server === name));
  const base = { generation: 0, started, stopped: [] };
  if (votes.kind === 'etcd') return { ...base, cluster: clusterName };
  return votes.witness === undefined ? base : { ...base, witness: witnessName };
}

/**
 * The first membership as it was written down at birth, where the topology is another one by now:
 * a changed file makes no server a voter and takes no vote away, for two agents may have two files
 * and their majorities would not meet. The topology's witness is taken as it is: any majority of an
 * even number meets any of the same members with the witness.
 */
export function keptAtBirth(now: Membership, kept: Membership): Membership {
  if (now.cluster !== undefined || kept.cluster !== undefined) return now;
  return { ...now, started: kept.started, stopped: kept.stopped };
}

/** Who votes under this membership: an odd number where there is a witness. */
export function votersOf({ started, witness, cluster }: Membership): readonly VoterName[] {
  if (cluster !== undefined) return [cluster];
  const members = started.map(asVoter);
  return witness !== undefined && members.length % 2 === 0 ? [...members, witness] : members;
}

/** Of each of these a majority is needed: its voters and, where there are any, the former ones. */
export function voterGroups(membership: Membership): readonly (readonly VoterName[])[] {
  const { former } = membership;
  return former === undefined ? [votersOf(membership)] : [votersOf(membership), former.voters];
}

/** Whoever has to hear of a membership: its voters and the former ones. */
export function votersConcerned(membership: Membership): readonly VoterName[] {
  return [...new Set(voterGroups(membership).flat())];
}

/** Whoever may vote under this membership or one that follows it. */
export function votersEver(membership: Membership): readonly VoterName[] {
  const { started, stopped, witness, cluster } = membership;
  if (cluster !== undefined) return [cluster];
  const members = [...started, ...stopped].map(asVoter);
  return witness === undefined ? members : [...members, witness];
}

/**
 * Members that the topology names no more. Until it is stopped each counts as a voter that does not
 * answer; after that it stays on record as stopped, so that it mounts nothing by an older file.
 */
export function departedMembers(
  { servers }: Pick<Topology, 'servers'>,
  { started, stopped }: Membership,
): readonly ServerName[] {
  return [...started, ...stopped].filter((member) => servers.every(({ name }) => name !== member));
}

/** Takes members off the count. At least one stays. */
export function stopMembers(
  membership: Membership,
  members: readonly ServerName[],
  options: { readonly isConfigurationOnly: boolean } = { isConfigurationOnly: false },
): Changed {
  const unknown = findUnknown(membership, members);
  if (unknown !== undefined) return unknown;
  const started = membership.started.filter((member) => !members.includes(member));
  if (started.length === 0) return refuse('one member at least has to stay started');
  const left = untouchedOf(membership).filter((member) => !members.includes(member));
  const untouched = options.isConfigurationOnly ? [...left, ...members] : left;
  return changed(membership, { started, untouched });
}

/** Counts members again that were stopped. */
export function startMembers(
  membership: Membership,
  members: readonly ServerName[],
  alternate?: AlternateWitness,
): Changed {
  const unknown = findUnknown(membership, members);
  if (unknown !== undefined) return unknown;
  const added = members.filter((member) => !membership.started.includes(member));
  return changed(membership, {
    started: [...membership.started, ...added],
    untouched: untouchedOf(membership).filter((member) => !members.includes(member)),
    ...(alternate === undefined ? {} : { alternate }),
  });
}

/** Shrinks the group to its survivors, with another witness where one is named. By force. */
export function restoreMembers(
  membership: Membership,
  survivors: readonly ServerName[],
  alternate?: AlternateWitness,
): Changed {
  const unknown = findUnknown(membership, survivors);
  if (unknown !== undefined) return unknown;
  if (survivors.length === 0) return refuse('one member at least has to survive');
  const restored = changed(membership, {
    started: survivors,
    untouched: [],
    ...(alternate === undefined ? {} : { alternate }),
  });
  if (!restored.isAllowed) return restored;
  const { former: _, ...next } = restored.next;
  const generation = restoredGeneration(membership, survivors);
  return { isAllowed: true, next: { ...next, generation } };
}

/** Granted by a majority of those who voted before and by one of those who will (V4). */
export function countMembership(next: Membership, granted: ReadonlySet<VoterName>): Count {
  const counts = voterGroups(next).map((voters) => {
    const given = voters.filter((voter) => granted.has(voter)).length;
    return countVotes({ voters: voters.length, given, refused: 0 });
  });
  return counts.every((count) => count === 'won') ? 'won' : 'pending';
}

/** Are these one membership? Two rivals may have given theirs one number. */
export function isSameMembership(left: Membership, right: Membership): boolean {
  const parts = (each: Membership): readonly unknown[] => [
    each.generation,
    each.started,
    each.stopped,
    untouchedOf(each),
    each.witness ?? null,
    each.witnessAt ?? null,
    each.cluster ?? null,
    each.former === undefined ? null : [each.former.generation, each.former.voters],
  ];
  return JSON.stringify(parts(left)) === JSON.stringify(parts(right));
}

/**
 * Above all that a majority can have decided meanwhile without the survivors. Two sides that are
 * both restored have no member in common, so the first of each tells their numbers apart.
 */
function restoredGeneration(
  { generation, started, stopped }: Membership,
  survivors: readonly ServerName[],
): number {
  const all = [...started, ...stopped].sort();
  const first = all.findIndex((member) => survivors.includes(member));
  return (Math.floor(generation / changesPerRestore) + 1) * changesPerRestore + first;
}

type Change = {
  readonly started: readonly ServerName[];
  readonly untouched: readonly ServerName[];
  readonly alternate?: AlternateWitness;
};

function changed(membership: Membership, change: Change): Changed {
  const { started, untouched, alternate } = change;
  const witness = alternate?.voter ?? membership.witness;
  const witnessAt = alternate?.at ?? membership.witnessAt;
  const all = [...membership.started, ...membership.stopped];
  const isSame =
    witness === membership.witness &&
    untouched.length === untouchedOf(membership).length &&
    started.length === membership.started.length &&
    started.every((member) => membership.started.includes(member));
  if (isSame) return refuse('it is so already');
  if ((membership.generation + 1) % changesPerRestore === 0) {
    return refuse(`it was changed ${changesPerRestore - 1} times since it was made or restored`);
  }
  const stopped = all.filter((member) => !started.includes(member));
  const { cluster, generation } = membership;
  const next: Membership = {
    generation: generation + 1,
    started,
    stopped,
    ...(untouched.length === 0 ? {} : { untouched }),
    ...(witness === undefined ? {} : { witness }),
    ...(witnessAt === undefined ? {} : { witnessAt }),
    ...(cluster === undefined ? {} : { cluster }),
    former: { generation, voters: votersOf(membership) },
  };
  return { isAllowed: true, next };
}

function untouchedOf({ untouched = [] }: Membership): readonly ServerName[] {
  return untouched;
}

function findUnknown(
  { started, stopped }: Membership,
  members: readonly ServerName[],
): Extract<Changed, { isAllowed: false }> | undefined {
  const unknown = members.filter(
    (member) => !started.includes(member) && !stopped.includes(member),
  );
  if (unknown.length === 0) return undefined;
  return refuse(
    `${unknown.join(', ')} is no member; members are ${[...started, ...stopped].join(', ')}`,
  );
}

function refuse(why: string): Extract<Changed, { isAllowed: false }> {
  return { isAllowed: false, why };
}
