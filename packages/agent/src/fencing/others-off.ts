import {
  asRun,
  demandOff,
  departedMembers,
  fencingWords,
  type GroupPlan,
  type Membership,
  type PlannedFencing,
} from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { askPartners } from '../observe/ask-partners.ts';
import { refuse } from '../obey/refuse.ts';
import { proveOff } from './prove-off.ts';

/** A change of the group, and what has to be proven off before it is made. */
export type CertainPlan = GroupPlan & { readonly fencings: readonly PlannedFencing[] };

/**
 * In the place of the word that a restore asks for: the fencing commands of all sites whose servers
 * do not survive. Who answers is not fenced, and nobody can be who counted until now and whom the
 * topology names no more: then the word stays asked for.
 */
export function withFencing(
  { parts, memory }: Hands,
  planned: GroupPlan,
  before: Membership,
): CertainPlan {
  const { next, findings, words } = planned;
  const isAsked = findings.some(({ code }) => code === 'partnerMayBeOn');
  if (next === undefined || !isAsked) return { ...planned, fencings: [] };
  const others = parts.topology.servers
    .map(({ name }) => name)
    .filter((name) => !next.started.includes(name));
  const isThere = others.some((name) => memory.partners.get(name)?.isSilent === false);
  const certainty = demandOff(parts.topology, { servers: others, isPartnerOff: false });
  const departed = departedMembers(parts.topology, before);
  const isUnnamed = before.started.some((name) => departed.includes(name));
  if (isThere || isUnnamed || certainty.by !== 'fencing') return { ...planned, fencings: [] };
  return {
    next,
    findings: findings.filter(({ code }) => code !== 'partnerMayBeOn'),
    words: [...words, ...fencingWords(certainty.fencings)],
    fencings: certainty.fencings,
  };
}

/** Proves each of them off, or refuses: then nothing of the change has been made. */
export async function proveOthersOff(
  { parts, memory }: Hands,
  next: Membership,
  fencings: readonly PlannedFencing[],
): Promise<void> {
  for (const fencing of fencings) {
    const { isProven, why } = await proveOff(
      parts,
      fencing,
      asRun(`membership-${next.generation}`),
    );
    if (!isProven) refuse('notProvenOff', `${why}; ${todo}`);
  }
  if (fencings.length === 0) return;
  const heard = await askPartners(parts, memory);
  const named = fencings.flatMap(({ servers }) => servers.map(({ name }) => name));
  const there = named.filter((name) => heard.get(name)?.isSilent === false);
  if (there.length === 0) return;
  refuse('notProvenOff', `${there.join(' and ')} is said to be off and answers all the same`);
}

const todo = 'make sure that all others are off, and say so with --partner-is-off';
