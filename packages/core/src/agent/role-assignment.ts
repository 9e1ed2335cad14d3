import type { Generation } from '../generation.ts';
import type { DatasetId, DatasetName, PoolName, RoutingGroupName, ServerName } from '../ids.ts';
import type { PoolSide } from '../pool/pool-lifecycle.ts';
import type { PoolState } from '../pool/pool-record.ts';

/**
 * All that a role ever hears of failover: the whole picture, sent on each change and at each
 * renewal of a mount (decisions/0017). It replaces the one before; what it does not name is over.
 */
export type RoleAssignment = {
  /** Grows with each assignment of one agent's life; a role ignores a lower one of that life. */
  readonly number: number;
  readonly agentLife: string;
  readonly pools: readonly RolePool[];
  readonly mounts: readonly RoleMount[];
  /** An operator's word: new registrations are sent to other servers of the pool. */
  readonly isDrained?: true;
  /** Pools in limited mode that this server serves from a passive copy. */
  readonly limited?: readonly RoleLimited[];
};

export type RolePool = {
  readonly pool: PoolName;
  readonly state: PoolState;
  /** This server is one of those that serve the pool's users now. */
  readonly isServing: boolean;
  /** Where users of the pool are served when not here (users' HTTP), if anywhere is known. */
  readonly elsewhereUrl?: string;
  /** Lasting changes wait: what was queued in limited mode comes first. */
  readonly isMerging?: true;
  /** Home is silent, and unless it comes back the pool is served here in limited mode soon. */
  readonly isAwaited?: true;
  /** Where its phones are served, and which of the two sides this server is of. */
  readonly sip?: RolePoolSip;
  /** How many routing groups the pool has; absent: those of the mount are all. */
  readonly routingGroups?: number;
  /** How many users may call it home (topology: `users`); absent: not bounded here. */
  readonly usersMax?: number;
};

export type RolePoolSip = {
  readonly side: PoolSide;
  readonly home: readonly SipPlace[];
  /** Empty: the pool has no backup. */
  readonly backup: readonly SipPlace[];
};

/** Addresses are `host:port`, IPv6 in brackets. */
export type SipPlace = {
  /** For UDP and TCP. */
  readonly plain: string;
  /** For TLS, where the server has a certificate. */
  readonly tls?: string;
};

/**
 * A pool in limited mode: read from the passive copy on this server by a user that can only read.
 * What its users change goes to the dataset `queueIn`, which is mounted here.
 */
export type RoleLimited = RoleMount & {
  readonly queueIn: DatasetName;
  /** `returning`: home serves again; lasting changes are made there. */
  readonly state: 'on' | 'returning';
  readonly why: string;
  /** Since when, by the wall clock. */
  readonly sinceMs: number;
};

/** A mount that will probably come here: read ahead of it, never answered from. */
export type RolePreparation = Pick<RoleMount, 'dataset' | 'id' | 'pool' | 'url' | 'routingGroups'>;

export type RoleMount = {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  readonly pool: PoolName;
  readonly generation: Generation;
  /** Database URL of a user that cannot touch the gate. Secret: never logged. */
  readonly url: string;
  /** Milliseconds since boot: past it the role answers nothing (E12). */
  readonly deadlineMs: number;
  /** Those that this server owns. */
  readonly routingGroups: readonly RoutingGroupName[];
  /** Who owns the others; absent: this server is the only one of its pool. */
  readonly owners?: RoleOwners;
};

export type RoleOwners = {
  /** Grows with each decision under one generation; a role ignores a lower one. */
  readonly number: number;
  /** What this server is called. */
  readonly server: ServerName;
  readonly others: readonly RoleNeighbour[];
};

/** Another server that serves the same pool from the same dataset. */
export type RoleNeighbour = {
  readonly server: ServerName;
  readonly groups: readonly RoutingGroupName[];
  /** Its roles answered lately; false: phones that it led to are not reached through it. */
  readonly isAnswering: boolean;
  /** Where it takes SIP; absent where its port is not known. */
  readonly sip?: SipPlace;
};
