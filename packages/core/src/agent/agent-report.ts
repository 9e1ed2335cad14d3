import type { CopyObservation, StoreIdentity } from '../dataset/copy/copy-observation.ts';
import type { SetAsideDatabase } from '../dataset/salvage/ledger.ts';
import type { CopyState } from '../dataset/copy/copy-state.ts';
import type { Generation } from '../generation.ts';
import type {
  DatasetId,
  DatasetName,
  PoolName,
  RoutingGroupName,
  ServerName,
  SiteName,
  StoreName,
} from '../ids.ts';
import type { GroupOwners } from '../pool/group-owners.ts';
import type { Count } from '../quorum/count-votes.ts';
import type { Membership } from '../quorum/membership.ts';
import type { VoterName } from '../quorum/vote-record.ts';
import type { RunSummary } from '../run/run-row.ts';
import type { Decision } from './decision.ts';

/** All that an agent says of itself: the inventory is made of these. */
export type AgentReport = {
  readonly server: ServerName;
  readonly site: SiteName;
  readonly version: string;
  readonly topologyHash: string;
  readonly atMs: number;
  readonly stores: readonly StoreReport[];
  readonly copies: readonly CopyReport[];
  readonly decisions: readonly Decision[];
  readonly roles: readonly RoleReport[];
  readonly runs: readonly RunSummary[];
  /** Databases kept for salvage (decisions/0015), with the store that holds them. */
  readonly setAside: readonly (SetAsideDatabase & { readonly store: StoreName })[];
  /** What this server's control database last recorded of stores, others' above all (E10). */
  readonly identities?: readonly StoreIdentity[];
  /** Pools that this server serves in limited mode, or would. */
  readonly limited?: readonly LimitedReport[];
  /** What this agent sees of the voters; absent where nobody votes. */
  readonly votes?: VotesReport;
  /** The sentence of the last cycle: what was seen and done and why. */
  readonly verdict: string;
};

export type LimitedReport = {
  readonly pool: PoolName;
  readonly state: 'on' | 'returning';
  readonly why: string;
  /** By the wall clock of the server that says it. */
  readonly sinceMs: number;
};

export type StoreReport = {
  readonly store: StoreName;
  readonly isUp: boolean;
  readonly identity?: StoreIdentity;
  /**
   * Datasets whose database is on the store, by what the store itself says of its databases; a copy
   * that could not be looked at is among them. Absent when the store did not say.
   */
  readonly datasets?: readonly DatasetName[];
  readonly error?: string;
  /** Its disk is full or nearly so, in words. */
  readonly shortage?: string;
};

export type CopyReport = CopyObservation & {
  readonly state: CopyState;
  /** Why it is in that state, or its last error, in words. */
  readonly why: string;
  readonly lag: CopyLag;
  /** Of a mounted copy for which a synchronous one is named (V7). */
  readonly sync?: SyncReport;
};

/** Whether every acknowledged write of a mounted copy has reached its synchronous copy. */
export type SyncReport = {
  /** The store of the synchronous copy. */
  readonly copy: StoreName;
  readonly isInSync: boolean;
  /** By the wall clock of the server that says it; since its agent began at the earliest. */
  readonly sinceMs: number;
  readonly why: string;
};

/** Lag of a passive copy; of an active one all are 0. `undefined` where it cannot be known now. */
export type CopyLag = {
  /** Not yet received: bytes behind the last position heard of the active copy. */
  readonly receiveBytes?: number;
  /** Received, not yet applied. */
  readonly applyBytes?: number;
  readonly writes?: number;
  /** Since the heartbeat's number last changed, on the reader's own monotonic clock (A5). */
  readonly heartbeatAgeMs?: number;
  /** The most row writes a second that the active copy did lately; absent if heard too little. */
  readonly writesPerSecond?: number;
  readonly lastWord?: LastWord;
};

/** What was heard last of how far the active copy is, from its agent or by its heartbeat here. */
export type LastWord = {
  /** Row writes that it tells of and that are not applied here. */
  readonly writes: number;
  /**
   * What was written before is told in it, on the reader's own monotonic clock (A5). Absent of a
   * word that was there at the first look, and may be of any age.
   */
  readonly ageMs?: number;
};

export type QueuedCount = {
  readonly pool: PoolName;
  /** Lasting changes that users were promised. */
  readonly changes: number;
  /** Phones that signed in here, or out. */
  readonly phones: number;
};

export type RoleReport = {
  readonly role: string;
  readonly pid?: number;
  readonly isUp: boolean;
  /** Who keeps it stopped and why, in words: nobody starts it until an operator does. */
  readonly stopped?: string;
  readonly pools: readonly {
    readonly pool: PoolName;
    readonly isServing: boolean;
    /** Loaded routing groups, of those that this server owns. */
    readonly groups: readonly RoutingGroupName[];
    /** Who owns which, as the roles were told last; absent in a pool of one server. */
    readonly owners?: GroupOwners;
    /** Served in limited mode since then (wall clock): an agent that starts goes on with it. */
    readonly limitedSinceMs?: number;
  }[];
  /** What waits in the datasets mounted here for users of other pools. */
  readonly queued?: readonly QueuedCount[];
  /** Address for users, e.g. `http://127.0.0.1:8080`. */
  readonly usersUrl?: string;
};

/** What an agent sees of the voters. */
export type VotesReport = {
  /** Who votes, as this agent has heard. */
  readonly membership: Membership;
  /** How many of the voters have answered since this agent started (V5). */
  readonly heard: number;
  /** For how long a majority has answered this agent without a break; absent while it does not. */
  readonly quorumMs?: number;
  /** Why it mounts nothing by itself yet (V5); absent once it may. */
  readonly waiting?: string;
  readonly voters: readonly VoterReport[];
  readonly leases: readonly LeaseReport[];
};

export type VoterReport = {
  readonly voter: VoterName;
  /** Its last question was not answered. */
  readonly isSilent: boolean;
  /** Why, in words. */
  readonly error?: string;
  /** Which store it is, as far as this agent has seen. */
  readonly identity?: string;
};

export type LeaseReport = {
  readonly dataset: DatasetId;
  readonly holder: StoreName;
  readonly generation: Generation;
  /** Won: a majority of the voters shows it. */
  readonly count: Count;
  /** The highest generation that was tried: the next one is above it. */
  readonly tried: Generation;
  /** For how long this agent has seen it at least. */
  readonly heldMs: number;
  /** For how long it has passed at least; absent while it may be valid. */
  readonly passedMs?: number;
  /** Voters at which its holder renewed it between the last two looks. */
  readonly renewedAt: readonly VoterName[];
  /** The copy that a majority records as in sync with the holder (V7). */
  readonly inSync?: StoreName;
};
