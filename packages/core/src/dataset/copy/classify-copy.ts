import { showGeneration } from '../../generation.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import { findUnhealthy } from './check-health.ts';
import type { CopyObservation, FollowingObservation } from './copy-observation.ts';
import type { CopySituation } from './copy-situation.ts';
import type { CopyState } from './copy-state.ts';
import { findDivergence } from '../history/find-divergence.ts';
import { findLine, isLeftDetached } from '../history/find-line.ts';
import type { Link } from '../history/link.ts';
import { isSameLink } from '../history/links-of-record.ts';

// Which state a copy is in, from one look at the world. It remembers nothing: a restarted agent
// comes to the same state as the one before it.

export type Classified = {
  readonly state: CopyState;
  /** Why it is in that state, in words, without a full stop. */
  readonly why: string;
};

const is = (state: CopyState, why: string): Classified => ({ state, why });

/** The state of a copy as users see it, with the reason. */
export function classifyCopy(situation: CopySituation): Classified {
  const { copy, record, store } = situation;
  if (!situation.isStoreUp) return is('failed', 'its store does not answer');
  if (situation.doing !== undefined) return is(situation.doing, `${situation.doing} now`);
  if (copy === undefined && situation.isUnreadable === true) {
    return is('failed', 'its database is there and cannot be looked at; the agent log says why');
  }
  if (copy === undefined) return classifyAbsent(situation);
  if (copy.gate.isOpen) {
    return is('mounted', `mounted under generation ${showGeneration(copy.gate.generation)}`);
  }
  const divergence = findDivergence(situation);
  if (divergence !== undefined) return is('diverged', divergence);
  if (record === undefined) return is('disconnected', 'no decision says who is active');
  if (record.active === store) return classifyUnmounted(situation, record);
  return classifyPassive(situation, { copy, record });
}

function classifyAbsent({ record, store, active }: CopySituation): Classified {
  if (record === undefined) return is('seeding', 'the dataset is not born yet');
  if (record.active === store) {
    return is('failed', 'it is the active copy and its database is gone: force another copy');
  }
  const source = active === undefined ? ', which does not answer' : '';
  return is('seeding', `nothing is here yet; it is seeded from ${record.active}${source}`);
}

function classifyUnmounted({ mount }: CopySituation, record: ActiveRecord): Classified {
  if (record.dismounted !== undefined) return is('dismounted', record.dismounted);
  if (mount === undefined) return is('dismounted', 'its gate is shut');
  if (mount.answer === 'ask') return is('dismounted', `${mount.why}; ${mount.todo}`);
  if (mount.answer === 'refused') return is('dismounted', mount.why);
  return is('dismounted', `it mounts again by itself once that is granted; ${mount.why}`);
}

type Passive = { readonly copy: CopyObservation; readonly record: ActiveRecord };

function classifyPassive(situation: CopySituation, { copy, record }: Passive): Classified {
  const suspended = situation.copyRecord?.suspended;
  if (suspended !== undefined) return is('suspended', suspended);
  const line = findLine(copy, record, situation);
  switch (line.kind) {
    case 'unproven':
      // It cannot be seeded from a source that is silent, and may be all that is left.
      if (situation.active === undefined && isLeftDetached(copy, record)) {
        return is('disconnected', `it was detached from ${record.active}, which does not answer`);
      }
      return is('failed', line.why);
    case 'canFollow':
      if (isStandingLost(situation, line.link)) {
        return is('failed', `${record.active} keeps no slot for it (E6)`);
      }
      return is('disconnected', `it waits to follow ${record.active} from its standing slot`);
    case 'awaitsActive':
      return is('disconnected', line.why);
    case 'awaitsMarker':
      return classifyAwaiting(situation, { copy, record });
    case 'follows':
      return classifyFollower(situation, { copy, record });
  }
}

/** It gets its last writes over the link of the time before the take-over, or never. */
function classifyAwaiting(situation: CopySituation, { copy, record }: Passive): Classified {
  const { following } = copy;
  if (following === undefined) return is('disconnected', 'it follows nobody');
  const { from } = following.link;
  if (isFollowedLost(situation, following)) {
    return is('failed', `it was away during the switch, and ${from} keeps nothing for it any more`);
  }
  if (!following.isEnabled) return is('disconnected', 'following is switched off');
  if (!following.isConnected) {
    const why = `it is not connected to ${from}, which has the last writes it lacks`;
    return is('disconnected', `${why}; ${wayOut(situation, record)}`);
  }
  return is('catchingUp', 'the last writes of the former active copy are on their way');
}

function wayOut({ dataset, store, limits }: CopySituation, { active }: ActiveRecord): string {
  const after = `after ${Math.round(limits.formerAwayMs / 1_000)} s it is seeded from ${active}`;
  return `${after}, or now: understudy dataset seed ${dataset} --store ${store}`;
}

/** An old side lets nobody wait: before it follows itself it removes what is not connected (E2). */
function isFollowedLost({ followed }: CopySituation, following: FollowingObservation): boolean {
  if (followed === undefined || following.isConnected) return false;
  if (followed === 'gone') return true;
  const slot = followed.slots.find(({ link }) => isSameLink(link, following.link));
  return slot === undefined || slot.isLost;
}

function classifyFollower(situation: CopySituation, { copy, record }: Passive): Classified {
  const { following } = copy;
  if (following === undefined) return is('disconnected', 'it follows nobody');
  if (isSlotLost(situation)) {
    return is('failed', `${record.active} no longer keeps what it lacks`);
  }
  if (situation.applyErrorsGrew) {
    return is('failed', following.lastError ?? 'what arrives cannot be applied');
  }
  if (!following.isEnabled) return is('disconnected', 'following is switched off');
  if (following.tablesReady < following.tablesTotal) {
    return is('seeding', `${following.tablesReady} of ${following.tablesTotal} tables are copied`);
  }
  if (!following.isConnected) {
    const error = following.lastError === undefined ? '' : `: ${following.lastError}`;
    return is('disconnected', `it is not connected to ${record.active}${error}`);
  }
  const unhealthy = findUnhealthy({ ...situation, copy, record });
  if (unhealthy !== undefined) return is('catchingUp', unhealthy);
  return is('healthy', `it equals ${record.active} and is close enough to take over`);
}

/** The way back was not prepared before it was needed: only a fresh copy lacks nothing. */
function isStandingLost({ active }: CopySituation, standing: Link): boolean {
  if (active === undefined) return false;
  return !active.slots.some(({ link, isLost }) => !isLost && isSameLink(link, standing));
}

/** PostgreSQL gave up on the slot, or it is gone and nobody can be connected to it. */
function isSlotLost({ active, copy }: CopySituation): boolean {
  const following = copy?.following;
  if (active === undefined || following === undefined) return false;
  const slot = active.slots.find(({ link }) => isSameLink(link, following.link));
  if (slot !== undefined) return slot.isLost;
  const isCopied = following.tablesTotal > 0 && following.tablesReady === following.tablesTotal;
  return isCopied && !following.isConnected;
}
