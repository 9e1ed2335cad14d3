import { showGeneration, type Generation } from '../generation.ts';
import type { DatasetName, ServerName, StoreName } from '../ids.ts';
import { refusal } from '../pool/check/finding.ts';
import type { Finding } from '../run/run-request.ts';
import { majorityOf } from './count-votes.ts';
import {
  type AlternateWitness,
  countMembership,
  type Membership,
  restoreMembers,
  startMembers,
  stopMembers,
  votersConcerned,
  votersOf,
} from './membership.ts';
import type { VoterName } from './vote-record.ts';

/** What an operator asks of the group. */
export type GroupRequest = {
  readonly act: 'stop' | 'start' | 'restore';
  /** Whom it is about; of a restore, who survives. */
  readonly servers: readonly ServerName[];
  /** Of a stop: what runs on the stopped members is left alone. */
  readonly isConfigurationOnly: boolean;
  /** Of a restore: the operator's word that all others are off and stay off. */
  readonly isPartnerOff: boolean;
  /** Of a restore or a start: it votes in the place of the witness. */
  readonly alternate?: AlternateWitness;
};

/** What is known of the group when it is asked. */
export type GroupSeen = {
  readonly membership: Membership;
  readonly answering: ReadonlySet<VoterName>;
  readonly leases: readonly SeenLease[];
  /** What former voters know of leases and present ones do not yet, in words. */
  readonly uncarried: readonly string[];
  readonly mounts: readonly { readonly server: ServerName; readonly dataset: DatasetName }[];
};

export type SeenLease = {
  readonly dataset: DatasetName;
  readonly holder: StoreName;
  readonly generation: Generation;
};

/** What would be done, in words, with what forbids it. Nothing is done where anything does. */
export type GroupPlan = {
  readonly next?: Membership;
  readonly words: readonly string[];
  readonly findings: readonly Finding[];
};

export function planGroupChange(request: GroupRequest, seen: GroupSeen): GroupPlan {
  const { membership } = seen;
  const { servers, isConfigurationOnly, alternate } = request;
  const changed =
    request.act === 'stop'
      ? stopMembers(membership, servers, { isConfigurationOnly })
      : request.act === 'start'
        ? startMembers(membership, servers, alternate)
        : restoreMembers(membership, servers, alternate);
  if (!changed.isAllowed) {
    return { words: [], findings: [refusal('groupUnchanged', changed.why)] };
  }
  const { next } = changed;
  const findings =
    request.act === 'restore'
      ? checkRestore(request, seen)
      : seen.uncarried.map((why) => refusal('leaseNotCarried', why));
  const words = wordsOf(request, seen, next);
  return { next, words, findings: [...findings, ...checkSilent(seen, next)] };
}

/** V4: a majority of those who vote now, and one of those who will. */
function checkSilent({ answering }: GroupSeen, next: Membership): readonly Finding[] {
  if (countMembership(next, answering) === 'won') return [];
  const missing = votersConcerned(next).filter((voter) => !answering.has(voter));
  const who = missing.join(' and ');
  const does = missing.length === 1 ? 'does' : 'do';
  const way =
    next.former === undefined
      ? 'name survivors whose voters answer'
      : 'start what is missing, or, where it is gone for good: understudy group restore';
  const why = `${who} ${does} not answer, and a majority of the voters has to grant it; ${way}`;
  return [refusal('noMajority', why)];
}

/** What forcing without a witness demands: nobody else is on, or a majority would say so (V6). */
function checkRestore(request: GroupRequest, seen: GroupSeen): readonly Finding[] {
  const { membership, answering, leases } = seen;
  const voters = votersOf(membership);
  const there = voters.filter((voter) => answering.has(voter));
  if (there.length >= majorityOf(voters.length)) {
    const granted = leases.map(
      ({ dataset, holder, generation }) =>
        `${dataset} to ${holder} under generation ${showGeneration(generation)}`,
    );
    const grants = granted.length === 0 ? 'nothing yet' : granted.join(', ');
    const why =
      `${there.join(' and ')} answer, a majority of the voters, and grant ${grants}: a restore ` +
      'would break that; take members off with understudy group stop';
    return [refusal('majorityAnswers', why)];
  }
  if (request.isPartnerOff) return [];
  const others = [...membership.started, ...membership.stopped].filter(
    (member) => !request.servers.includes(member),
  );
  const why =
    `a silent ${others.join(' and ')} cannot be told from a cut cable; make sure that all others ` +
    'are off and stay off, and say so with --partner-is-off';
  return [refusal('partnerMayBeOn', why)];
}

function wordsOf(request: GroupRequest, seen: GroupSeen, next: Membership): readonly string[] {
  const voters = votersOf(next).join(', ');
  const before = votersOf(seen.membership).join(', ');
  return [
    `membership ${next.generation} takes the place of ${seen.membership.generation}: ` +
      `${voters} will vote, ${before} did`,
    ...membersWords(request, seen),
    ...(request.alternate === undefined
      ? []
      : [`${request.alternate.voter} votes beside an even number of members`]),
    `what is mounted goes on under generations of membership ${next.generation}`,
  ];
}

function membersWords(
  { act, servers, isConfigurationOnly }: GroupRequest,
  { mounts, membership }: GroupSeen,
): readonly string[] {
  if (act === 'start') return servers.map((server) => `${server} is a started member again`);
  if (act === 'restore') {
    const gone = membership.started.filter((server) => !servers.includes(server));
    return gone.map((server) => `${server} is stopped: when it returns it mounts nothing`);
  }
  return servers.map((server) => {
    if (isConfigurationOnly) return `${server} is stopped, and goes on with what it does`;
    const own = mounts.filter((each) => each.server === server).map(({ dataset }) => dataset);
    if (own.length === 0) return `${server} is stopped, and mounts nothing until it is started`;
    return `${server} is stopped: ${own.join(' and ')} is shut there, and nothing mounted again`;
  });
}
