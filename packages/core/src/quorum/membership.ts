import type { ServerName } from '../ids.ts';
import { type Count, countVotes } from './count-votes.ts';
import { asVoter, type VoterName } from './vote-record.ts';

// Who votes (V4). Members are servers; a started one votes by its first store. The witness votes
// while the started ones are even in number. Each change has the next membership generation, which
// ranks before the counter in every generation that is taken under it.

export type Membership = {
  readonly generation: number;
  readonly started: readonly ServerName[];
  /** Taken off the count, dead or alive, until they are started again. */
  readonly stopped: readonly ServerName[];
  readonly witness?: VoterName;
};

export type Changed =
  | { readonly isAllowed: true; readonly next: Membership }
  | { readonly isAllowed: false; readonly why: string };

/** Who votes under this membership: an odd number where there is a witness. */
export function votersOf({ started, witness }: Membership): readonly VoterName[] {
  const members = started.map(asVoter);
  return witness !== undefined && members.length % 2 === 0 ? [...members, witness] : members;
}

/** Takes members off the count. At least one stays. */
export function stopMembers(membership: Membership, members: readonly ServerName[]): Changed {
  const unknown = findUnknown(membership, members);
  if (unknown !== undefined) return unknown;
  const started = membership.started.filter((member) => !members.includes(member));
  if (started.length === 0) return refuse('one member at least has to stay started');
  return changed(membership, { started });
}

/** Counts members again that were stopped. */
export function startMembers(membership: Membership, members: readonly ServerName[]): Changed {
  const unknown = findUnknown(membership, members);
  if (unknown !== undefined) return unknown;
  const added = members.filter((member) => !membership.started.includes(member));
  return changed(membership, { started: [...membership.started, ...added] });
}

/** Shrinks the group to its survivors, with another witness where one is named. By force. */
export function restoreMembers(
  membership: Membership,
  survivors: readonly ServerName[],
  witness: VoterName | undefined,
): Changed {
  const unknown = findUnknown(membership, survivors);
  if (unknown !== undefined) return unknown;
  if (survivors.length === 0) return refuse('one member at least has to survive');
  return changed(membership, { started: survivors, witness });
}

/** Granted by a majority of those who voted before and by one of those who will (V4). */
export function countChange(
  { before, after }: { readonly before: Membership; readonly after: Membership },
  granted: ReadonlySet<VoterName>,
): Count {
  const counts = [before, after].map((membership) => {
    const voters = votersOf(membership);
    const given = voters.filter((voter) => granted.has(voter)).length;
    return countVotes({ voters: voters.length, given, refused: 0 });
  });
  return counts.every((count) => count === 'won') ? 'won' : 'pending';
}

function changed(
  membership: Membership,
  {
    started,
    witness = membership.witness,
  }: {
    readonly started: readonly ServerName[];
    readonly witness?: VoterName | undefined;
  },
): Changed {
  const all = [...membership.started, ...membership.stopped];
  const isSame =
    witness === membership.witness &&
    started.length === membership.started.length &&
    started.every((member) => membership.started.includes(member));
  if (isSame) return refuse('it is so already');
  const stopped = all.filter((member) => !started.includes(member));
  return {
    isAllowed: true,
    next: {
      generation: membership.generation + 1,
      started,
      stopped,
      ...(witness === undefined ? {} : { witness }),
    },
  };
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
