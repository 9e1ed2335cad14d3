import {
  activeRecordOf,
  countMembership,
  type Generation,
  groupRecord,
  groupRecordOf,
  type GroupRequest,
  type GroupSeen,
  leasesByDataset,
  type Membership,
  type PlannedFencing,
  planGroupChange,
  type ServerName,
  type VoterName,
  votersEver,
} from '@understudy/core';
import type { VoterGroup } from '@understudy/ports';
import { obeyMembership } from '../duty/obey-membership.ts';
import { learnHere } from '../mount/learn-here.ts';
import { type CertainPlan, proveOthersOff, withFencing } from '../fencing/others-off.ts';
import type { Hands } from '../mount/open-mount.ts';
import { askPartners } from '../observe/ask-partners.ts';
import { firstStore } from '../own-store.ts';
import { tellPartners } from './by-word.ts';
import { refuse } from './refuse.ts';

/** What operators ask of the group of voters. */
export type GroupByWord = {
  /** What would be done now; `leader`: the server whose agent does it. */
  plan(request: GroupAsked): Promise<CertainPlan & { readonly leader: ServerName }>;
  /** Proves off what has to be, does what was planned, and resolves with the one sentence. */
  change(next: Membership, fencings?: readonly PlannedFencing[]): Promise<string>;
};

/** `alternateWitness` is a URL; secret. */
export type GroupAsked = Omit<GroupRequest, 'alternate'> & { readonly alternateWitness?: string };

export function createGroupByWord(hands: Hands): GroupByWord {
  return {
    async plan({ alternateWitness: url, ...asked }) {
      const alternate = url === undefined ? undefined : groupOf(hands).nameWitness(url);
      const seen = await lookAtGroup(hands, { act: asked.act, alternate: alternate?.voter });
      const request = alternate === undefined ? asked : { ...asked, alternate };
      const planned = withFencing(hands, planGroupChange(request, seen), seen.membership);
      return { ...planned, leader: leaderOf(hands, planned.next) };
    },
    async change(next, fencings = []) {
      await proveOthersOff(hands, next, fencings);
      return await change(hands, next);
    },
  };
}

function groupOf({ parts }: Hands): VoterGroup {
  const { group } = parts.mountRight;
  if (group !== undefined) return group;
  return refuse('rule', 'nobody votes here: the topology has no `votes`, so there is no group');
}

/** A change that somebody began is gone on with first: two are never under way at once. */
async function lookAtGroup(
  hands: Hands,
  {
    act,
    alternate,
  }: { readonly act: GroupAsked['act']; readonly alternate: VoterName | undefined },
): Promise<GroupSeen> {
  const { parts, memory } = hands;
  const group = groupOf(hands);
  const [answers] = await Promise.all([
    group.look(votersEver(group.membership())),
    askPartners(parts, memory),
  ]);
  for (const begun of answers.values()) {
    if (begun !== undefined && begun.generation > group.membership().generation) {
      await group.change(begun);
    }
  }
  await obeyMembership(hands);
  const { topology } = parts;
  const { decisions } = memory;
  const known = [...answers.values()].filter((each) => each !== undefined);
  const base = act === 'restore' ? newestRestored(group.membership(), known) : group.membership();
  const membership = withNewcomers(hands, base);
  const asked = votersEver(membership);
  const now = await group.look(alternate === undefined ? asked : [...asked, alternate]);
  return {
    membership,
    answering: new Set(now.keys()),
    leases: leasesByDataset({ topology, decisions }, parts.mountRight.look()?.leases ?? []),
    uncarried: await carryAll(hands, group),
    mounts: mountsSeen(hands),
  };
}

/**
 * Voters that have a restored membership grant nothing of a lower one, so where its survivors are
 * gone it is what has to be restored, granted here or not.
 */
function newestRestored(known: Membership, seen: readonly Membership[]): Membership {
  const restored = seen.filter(({ former }) => former === undefined);
  return [known, ...restored].reduce((left, right) =>
    right.generation > left.generation ? right : left,
  );
}

/** A server that came into the topology since is a member that was never started. */
function withNewcomers({ parts }: Hands, membership: Membership): Membership {
  const { started, stopped } = membership;
  const { servers, stores } = parts.topology;
  const isKnown = (name: ServerName): boolean => started.includes(name) || stopped.includes(name);
  const added = servers
    .map(({ name }) => name)
    .filter((name) => !isKnown(name) && stores.some(({ server }) => server === name));
  return added.length === 0 ? membership : { ...membership, stopped: [...stopped, ...added] };
}

function mountsSeen({ parts, memory }: Hands): GroupSeen['mounts'] {
  const here = [...memory.mounts.keys()].map((dataset) => ({ server: parts.server, dataset }));
  const there = [...memory.partners].flatMap(([server, view]) => {
    if (view.isSilent) return [];
    const open = view.report.copies.filter(({ gate }) => gate.isOpen);
    return open.map(({ dataset }) => ({ server, dataset }));
  });
  return [...here, ...there];
}

/** One agent changes the membership at a time: the first started member that answers. */
function leaderOf({ parts, memory }: Hands, next: Membership | undefined): ServerName {
  const isThere = (server: ServerName): boolean =>
    server === parts.server || memory.partners.get(server)?.isSilent === false;
  return next?.started.find(isThere) ?? parts.server;
}

async function change(hands: Hands, next: Membership): Promise<string> {
  const { parts } = hands;
  const group = groupOf(hands);
  const granted = await group.change(next);
  if (countMembership(next, granted) !== 'won') {
    const by = granted.size === 0 ? 'nobody' : [...granted].join(' and ');
    throw new Error(
      `membership ${next.generation} was granted by ${by} only; whoever sees it goes on with it`,
    );
  }
  await decide(hands, next);
  // Mounts here go on, or are shut, while partners hear of it.
  await Promise.all([obeyMembership(hands), tellPartners(hands, groupRecord(next))]);
  const uncarried = await carryAll(hands, group);
  const left = uncarried.length === 0 ? '' : `; ${uncarried.join('; ')}`;
  parts.log.say('info', `membership ${next.generation} votes: ${next.started.join(', ')}`);
  return `membership ${next.generation}: ${membersWords(next)}${left}`;
}

function membersWords({ started, stopped }: Membership): string {
  const rest = stopped.length === 0 ? '' : `, ${stopped.join(' and ')} stopped`;
  return `${started.join(' and ')} started${rest}`;
}

async function decide({ parts, memory }: Hands, next: Membership): Promise<void> {
  const own = firstStore(parts);
  if (own === undefined) throw new Error(`${parts.server} has no store to decide in`);
  const known: Generation | undefined = groupRecordOf(memory.decisions)?.generation;
  // The voters have decided already: a control database that hears of it otherwise is as good.
  await own.control.decide(groupRecord(next), known);
  await learnHere(parts, memory, [groupRecord(next)]);
}

/** What is not carried now would be asked of voters who may be gone by the next change. */
async function carryAll({ parts, memory }: Hands, group: VoterGroup): Promise<readonly string[]> {
  const left = await Promise.all(
    parts.topology.datasets.map(async ({ name }) => {
      const record = activeRecordOf(memory.decisions, name);
      if (record === undefined) return [];
      const { id, active: store, generation } = record;
      const why = await group.carry(id, { store, generation });
      return why === undefined ? [] : [`the lease of ${name} is not carried over yet: ${why}`];
    }),
  );
  return left.flat();
}
