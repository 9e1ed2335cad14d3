import type { CopyLag } from '../../agent/agent-report.ts';
import type { LossQuote } from '../../dataset/history/loss-quote.ts';
import type { PlannedFencing } from '../../fencing/fencing.ts';
import type { CopyPlace } from '../../dataset/move/copy-places.ts';
import type { NotChosen } from '../../dataset/move/choose-best-copy.ts';
import type { PlannedMove } from '../../dataset/move/plan-move.ts';
import type { ActiveRecord } from '../../dataset/history/active-record.ts';
import type { Link } from '../../dataset/history/link.ts';
import type { DatasetName, PoolName, RoutingGroupName, ServerName, StoreName } from '../../ids.ts';
import type { Limits } from '../../limits.ts';
import type { RunPlan } from '../../run/run-plan.ts';
import type { RunRequest } from '../../run/run-request.ts';
import type { PoolRecord } from '../pool-record.ts';

/** The limits that a plan was made with; a run keeps them whatever the topology says later. */
export type PlanLimits = Pick<
  Limits,
  | 'drainLagMs'
  | 'heartbeatMs'
  | 'steadyTimeoutMs'
  | 'fenceTimeoutMs'
  | 'finalStateTimeoutMs'
  | 'detachTimeoutMs'
  | 'orderTimeoutMs'
  | 'seedTimeoutMs'
  | 'leaseMs'
>;

/** Routing groups that a server loads from a dataset that its pool has mounted by then. */
export type PlannedHydration = {
  readonly pool: PoolName;
  readonly dataset: DatasetName;
  readonly server: ServerName;
  readonly groups: readonly RoutingGroupName[];
  /** Whose store has the mount, where that is another server of the pool. */
  readonly holder?: ServerName;
};

/** What was seen of one target copy; printed, and no part of the plan's hash. */
export type SeenCopy = {
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly lag?: CopyLag;
  /** Log that stands there and that no follower has confirmed: how long its tail is at most. */
  readonly tailBytes?: number;
  readonly quote?: LossQuote;
  /** Copies of the dataset that could have been taken instead, and why each was not. */
  readonly notChosen?: readonly NotChosen[];
};

/** A plan that moves datasets: of a pool, or a single one. */
export type MovesPlan = RunPlan & {
  readonly mode: RunRequest['mode'];
  readonly pool: PoolName;
  readonly moves: readonly PlannedMove[];
  readonly hydrations: readonly PlannedHydration[];
  /** Every server that should hear of decisions and orders. */
  readonly servers: readonly ServerName[];
  readonly limits: PlanLimits;
  readonly seen: readonly SeenCopy[];
};

export type PoolSidePlan = { readonly pool: PoolName; readonly servers: readonly ServerName[] };

/** A pool's failover or failback, planned or forced. */
export type PoolPlan = MovesPlan & {
  readonly runbook: 'pool-failover' | 'pool-failback';
  /** The pool that serves now, and the one that will. */
  readonly from: PoolSidePlan;
  readonly to: PoolSidePlan;
  /** Sites that have to be proven off before anything is decided; absent where none has to. */
  readonly fencings?: readonly PlannedFencing[];
  /** Without `run`, which the leader adds. `aborted` is decided only when the switch is undone. */
  readonly records: {
    readonly current?: PoolRecord;
    readonly passing: PoolRecord;
    readonly final: PoolRecord;
    readonly aborted: PoolRecord;
  };
};

/** The return of copies that hold writes nobody has, or cannot be trusted to follow. */
export type ReturnPlan = RunPlan & {
  readonly runbook: 'site-return';
  readonly server: ServerName;
  readonly returns: readonly PlannedReturn[];
  /** Datasets whose databases set aside on this server are read into the ledger. */
  readonly salvages: readonly PlannedSalvage[];
  readonly limits: PlanLimits;
  readonly seen: readonly SeenCopy[];
};

export type PlannedSalvage = {
  readonly dataset: DatasetName;
  /** Where they stand, and where what they hold alone is merged or listed. */
  readonly at: CopyPlace;
  readonly into: CopyPlace;
  readonly record: ActiveRecord;
};

export type PlannedReturn = {
  readonly dataset: DatasetName;
  readonly at: CopyPlace;
  readonly record: ActiveRecord;
  /** The link that the fresh copy is seeded by. */
  readonly link: Link;
  /** The name under which the old database is kept until it is salvaged (decisions/0015). */
  readonly setAsideAs: string;
};
