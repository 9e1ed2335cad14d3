import type { ActiveRecord } from '../dataset/history/active-record.ts';
import { asGeneration, type Generation, membershipOf } from '../generation.ts';
import type { DatasetName, PoolName, RunId, ServerName, SiteName, StoreName } from '../ids.ts';
import type { PoolRecord } from '../pool/pool-record.ts';
import type { Membership } from '../quorum/membership.ts';

/** What an operator said of one copy: subject `copy:DATASET@STORE`. */
export type CopyRecord = {
  readonly kind: 'copy';
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly generation: Generation;
  /** Why it is suspended; absent while it may follow. */
  readonly suspended?: string;
  /** Why it is not to be made active; absent while it may be. */
  readonly blocked?: string;
};

/** What an operator said of one server: subject `server:NAME`. */
export type ServerRecord = {
  readonly kind: 'server';
  readonly server: ServerName;
  readonly generation: Generation;
  /** Why it is drained; absent while it serves its share. */
  readonly drained?: string;
  /** Why no copy on it is to be made active; absent while they may be. */
  readonly blocked?: string;
};

/** What a run has proven of one site: subject `site:NAME`. It counts for that run alone. */
export type SiteRecord = {
  readonly kind: 'site';
  readonly site: SiteName;
  readonly generation: Generation;
  /** The run that had it fenced, and those of its servers that the command named. */
  readonly run: RunId;
  readonly servers: readonly ServerName[];
  /** The one sentence: command, exit status, output. */
  readonly why: string;
};

/** Who votes: subject `group:voters`, for there is one group in a deployment (V4). */
export type GroupRecord = {
  readonly kind: 'group';
  /** The membership's own number. */
  readonly generation: Generation;
  readonly membership: Membership;
};

/** A row of the control database: the highest generation of a subject wins (decisions/0006). */
export type Decision =
  | ActiveRecord
  | PoolRecord
  | CopyRecord
  | ServerRecord
  | SiteRecord
  | GroupRecord;

export type Subject =
  | `dataset:${string}`
  | `pool:${string}`
  | `copy:${string}@${string}`
  | `server:${string}`
  | `site:${string}`
  | 'group:voters';

/** The subject that a decision is about: its key in the control database. */
export function subjectOf(decision: Decision): Subject {
  switch (decision.kind) {
    case 'active':
      return `dataset:${decision.dataset}`;
    case 'pool':
      return `pool:${decision.pool}`;
    case 'copy':
      return `copy:${decision.dataset}@${decision.store}`;
    case 'server':
      return `server:${decision.server}`;
    case 'site':
      return `site:${decision.site}`;
    case 'group':
      return 'group:voters';
  }
}

/**
 * May `next` replace `current`? Two stores can each take the same number while they do not hear of
 * each other, so a generation alone does not name a record: a remount follows a record of the same
 * store, a takeover follows the record of the store that it names as the former one.
 */
export function isSuccessor(current: Decision | undefined, next: Decision): boolean {
  if (current === undefined) return true;
  if (next.generation <= current.generation) return false;
  if (current.kind !== 'active' || next.kind !== 'active') return current.kind === next.kind;
  const isTakeover = next.since === next.generation;
  return current.active === (isTakeover ? next.former?.store : next.active);
}

/**
 * Is `left` newer than `right` of the same subject? What a later membership granted is, for under
 * the former one nothing was granted any more (V4). Under one membership the later takeover is, and
 * of one takeover the higher generation: a store that mounts again while it is being taken over
 * takes a number for itself that no partner grants, and nobody must follow it. Two stores that were
 * forced active with one number, each behind a cut cable, are told apart by their names: one of the
 * two must end. Of two words on a server or a copy with one number, the one that takes more from
 * it counts: whoever said it expects it.
 */
export function isNewerDecision(left: Decision, right: Decision | undefined): boolean {
  if (right === undefined) return true;
  if (left.kind === 'active' && right.kind === 'active') {
    const memberships = [membershipOf(left.generation), membershipOf(right.generation)] as const;
    if (memberships[0] !== memberships[1]) return memberships[0] > memberships[1];
    if (left.since !== right.since) return left.since > right.since;
    if (left.generation === right.generation) return left.active < right.active;
  }
  if (left.generation !== right.generation) return left.generation > right.generation;
  return isWord(left) && isWord(right) && takenFrom(left) > takenFrom(right);
}

type Word = ServerRecord | CopyRecord;

function isWord(decision: Decision): decision is Word {
  return decision.kind === 'server' || decision.kind === 'copy';
}

/** As a number that has an order for any two words on one server, or on one copy. */
function takenFrom(word: Word): number {
  const kept = word.kind === 'server' ? word.drained : word.suspended;
  return (kept === undefined ? 0 : 2) + (word.blocked === undefined ? 0 : 1);
}

/** Of several views of the control database, the newest decision of each subject. */
export function newestDecisions(...views: readonly (readonly Decision[])[]): readonly Decision[] {
  const newest = new Map<Subject, Decision>();
  for (const decision of views.flat()) {
    const known = newest.get(subjectOf(decision));
    if (isNewerDecision(decision, known)) {
      newest.set(subjectOf(decision), decision);
    }
  }
  return [...newest.values()];
}

/** The record of `dataset`, if any decision names it. */
export function activeRecordOf(
  decisions: readonly Decision[],
  dataset: DatasetName,
): ActiveRecord | undefined {
  for (const each of decisions) {
    if (each.kind === 'active' && each.dataset === dataset) return each;
  }
  return undefined;
}

/** The record of `pool`, if any decision names it. */
export function poolRecordOf(
  decisions: readonly Decision[],
  pool: PoolName,
): PoolRecord | undefined {
  for (const each of decisions) if (each.kind === 'pool' && each.pool === pool) return each;
  return undefined;
}

/** The membership that was decided last; that of the birth has generation 0. */
export function groupRecordOf(decisions: readonly Decision[]): GroupRecord | undefined {
  for (const each of decisions) if (each.kind === 'group') return each;
  return undefined;
}

export function groupRecord(membership: Membership): GroupRecord {
  return { kind: 'group', generation: asGeneration(membership.generation), membership };
}

/** What operators said of one server, if anything. */
export function serverRecordOf(
  decisions: readonly Decision[],
  server: ServerName,
): ServerRecord | undefined {
  for (const each of decisions) if (each.kind === 'server' && each.server === server) return each;
  return undefined;
}

/** What was proven last of one site, if anything. */
export function siteRecordOf(
  decisions: readonly Decision[],
  site: SiteName,
): SiteRecord | undefined {
  for (const each of decisions) if (each.kind === 'site' && each.site === site) return each;
  return undefined;
}

/** What operators said of one copy, if anything. */
export function copyRecordOf(
  decisions: readonly Decision[],
  copy: { readonly dataset: DatasetName; readonly store: StoreName },
): CopyRecord | undefined {
  for (const each of decisions) {
    if (each.kind === 'copy' && each.dataset === copy.dataset && each.store === copy.store) {
      return each;
    }
  }
  return undefined;
}
