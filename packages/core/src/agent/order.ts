import type { ActiveRecord, FenceMarker } from '../dataset/history/active-record.ts';
import type { OriginPosition, VerifyResult } from '../dataset/copy/copy-observation.ts';
import type { Link } from '../dataset/history/link.ts';
import type { Position } from '../dataset/history/position.ts';
import type { Salvage } from '../dataset/salvage/ledger.ts';
import type { PlannedFencing } from '../fencing/fencing.ts';
import type { Generation } from '../generation.ts';
import type {
  DatasetName,
  PoolName,
  RoutingGroupName,
  RunId,
  ServerName,
  StoreName,
} from '../ids.ts';
import type { PoolRecord } from '../pool/pool-record.ts';

// What a leader orders and an agent obeys. Every order carries the run and its attempt; an agent
// refuses an attempt lower than the highest it has seen of that run (E14), and a generation
// lower than the copy's own.

export type OrderOf = { readonly run: RunId; readonly attempt: number };

export type Order = OrderOf &
  (
    | FenceOrder
    | AwaitMarkerOrder
    | MountOrder
    | AbortSwitchOrder
    | DetachOrder
    | PrepareWayBackOrder
    | DismountOrder
    | FollowOrder
    | SeedOrder
    | SetAsideOrder
    | SalvageOrder
    | DropSetAsideOrder
    | VerifyOrder
    | FenceSiteOrder
    | SetPoolStateOrder
    | HydrateOrder
    | RolesOrder
  );

/** Source: stop writers, close the gate and write the marker in one transaction (E3). */
export type FenceOrder = {
  readonly kind: 'fence';
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly target: StoreName;
};
/** Target: wait until this very marker is visible, then flush all before it. */
export type AwaitMarkerOrder = {
  readonly kind: 'awaitMarker';
  readonly marker: Omit<FenceMarker, 'tablesHash' | 'migration'>;
  readonly timeoutMs: number;
};
/** Target: detach fully (E9), store the origin (A1), advance the way back, mount. */
export type MountOrder = {
  readonly kind: 'mount';
  /** The record that was decided; names dataset, generation and store. */
  readonly record: ActiveRecord;
};
/** Target: promise never to mount under this attempt; source: then mount again (E1). */
export type AbortSwitchOrder = {
  readonly kind: 'abortSwitch';
  readonly dataset: DatasetName;
  readonly side: 'target' | 'source';
};
/** Passive: disable, wait for the workers to be gone, store the position reached (E9, A1). */
export type DetachOrder = {
  readonly kind: 'detach';
  readonly dataset: DatasetName;
  readonly generation: Generation;
};
/** Passive: the slots for the way back stand before the fence, so nothing waits for them (E6). */
export type PrepareWayBackOrder = {
  readonly kind: 'prepareWayBack';
  readonly dataset: DatasetName;
};
export type DismountOrder = {
  readonly kind: 'dismount';
  readonly dataset: DatasetName;
  readonly generation: Generation;
};
/** Old side: follow the new active copy from its standing slot, copying nothing. */
export type FollowOrder = {
  readonly kind: 'follow';
  readonly link: Link;
  readonly record: ActiveRecord;
};
export type SeedOrder = {
  readonly kind: 'seed';
  readonly link: Link;
  readonly record: ActiveRecord;
};
export type SetAsideOrder = {
  readonly kind: 'setAside';
  readonly dataset: DatasetName;
  readonly record: ActiveRecord;
};
/** Active: take what set-aside databases hold alone, through the gate of the mount (A1 to A3). */
export type SalvageOrder = {
  readonly kind: 'salvage';
  readonly record: ActiveRecord;
  readonly from: { readonly store: StoreName; readonly database: string };
};
/** Once the copy beside it has its whole ledger, nothing needs the database any more. */
export type DropSetAsideOrder = {
  readonly kind: 'dropSetAside';
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly database: string;
};
export type VerifyOrder = { readonly kind: 'verify'; readonly dataset: DatasetName };
/** Leader, to itself: run the site's fencing command and prove by it that the site is off (V6). */
export type FenceSiteOrder = {
  readonly kind: 'fenceSite';
  /** As the plan showed it; the agent runs only what its own topology has. */
  readonly fencing: PlannedFencing;
};
export type SetPoolStateOrder = { readonly kind: 'setPoolState'; readonly record: PoolRecord };
export type HydrateOrder = {
  readonly kind: 'hydrate';
  readonly pool: PoolName;
  readonly dataset: DatasetName;
  readonly groups: readonly RoutingGroupName[];
  /** From the passive copy, at full service: the mount that follows is served at once. */
  readonly isAhead?: true;
  /** Whose store has the mount, where that is another server of the pool. */
  readonly holder?: ServerName;
};
/** Roles of a pool on this server: stop, start, or throw away what they hold in memory. */
export type RolesOrder = {
  readonly kind: 'roles';
  readonly pool: PoolName;
  readonly act: 'start' | 'stop' | 'reset';
};

/** What an agent says when an order is done. `why` is the one sentence for log and journal. */
export type OrderReport = {
  readonly why: string;
  readonly position?: Position;
  readonly origin?: OriginPosition;
  readonly verify?: VerifyResult;
  readonly salvage?: Salvage;
  readonly hydrated?: readonly { readonly group: RoutingGroupName; readonly users: number }[];
};

// prettier-ignore
// biome-ignore format: one code a line reads as the table it is.
/** Why an agent did not obey, by its stable name. A refusal is an answer: nothing was changed. */
export const agentRefusals = {
  staleAttempt: 'the run was taken over, or this part of it was aborted',
  staleGeneration: 'a newer decision is known there',
  wrongState: 'the state of the copy does not allow it',
  unknownSubject: 'nothing is decided of that',
  notHere: 'that server has no such thing',
  notHealthy: 'the copy does not equal the active one',
  servesUsers: 'users are served by what would be stopped',
  lastServer: 'nobody else of the pool would serve',
  takenBack: 'the store of that server went back in time: it has no say in what is decided (E10)',
  leaseHeld: 'another store may still be mounted, or no majority of the voters answers',
  notProvenOff: 'the fencing command did not prove that the site is off (V6)',
  rule: 'a safety rule forbids it',
} as const;
export type RefusalCode = keyof typeof agentRefusals;
export type Refusal = { readonly code: RefusalCode; readonly why: string };
