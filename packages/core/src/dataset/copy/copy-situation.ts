import type { CopyLag } from '../../agent/agent-report.ts';
import type { CopyRecord } from '../../agent/decision.ts';
import type { Generation } from '../../generation.ts';
import type { DatasetName, StoreName } from '../../ids.ts';
import type { Limits } from '../../limits.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { CopyObservation } from './copy-observation.ts';
import type { MountAnswer } from '../move/mount-rules.ts';

/** All that is known of one copy when it is judged. Plain data, gathered in one cycle. */
export type CopySituation = {
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly isStoreUp: boolean;
  /** What the engine saw; undefined when the store has no such database, or it was unreadable. */
  readonly copy: CopyObservation | undefined;
  /** The store says that the database is there, but the look into it failed. */
  readonly isUnreadable?: boolean;
  /** The newest decision about the dataset that is known here. */
  readonly record: ActiveRecord | undefined;
  readonly copyRecord?: CopyRecord | undefined;
  readonly lag: CopyLag;
  /** What the active copy's agent said of it in this cycle; undefined when it was silent. */
  readonly active?: CopyObservation | undefined;
  /**
   * What was said in this cycle of the copy that it follows; `gone` when that store has none any
   * more, undefined when nobody said anything.
   */
  readonly followed?: CopyObservation | 'gone' | undefined;
  /** Why its store could not show what it lacks of the record's active copy, once it was tried. */
  readonly unshown?: string | undefined;
  /** How long it has been waiting, unconnected, for the former active copy (isAwaitingFormer). */
  readonly awaitingMs?: number;
  /** How long it has followed the active copy, enabled, without being connected (isUnconnected). */
  readonly unconnectedMs?: number;
  /** The store of the copy that it follows went back in time: nobody follows it (E10). */
  readonly isFollowedBack?: boolean;
  /** The highest generation under which a copy that answers was mounted, on any other store. */
  readonly mountedElsewhere?: Generation | undefined;
  /** `applyErrors` has grown since the cycle before. */
  readonly applyErrorsGrew: boolean;
  /** Why the store is not what it was, from judge-identity.ts (E10). */
  readonly takenBack?: string | undefined;
  /** What the agent is in the middle of. */
  readonly doing?: 'seeding' | 'mounting' | 'dismounting' | undefined;
  /** A run holds the copy: the agent does nothing to it by itself. */
  readonly isHeld: boolean;
  /** The mount right was asked for and is lost (decisions/0009). */
  readonly isRightLost?: boolean;
  /** What mount-rules.ts says of mounting by itself; undefined when not asked. */
  readonly mount?: MountAnswer | undefined;
  /** Stores of all copies of the dataset, this one's included. */
  readonly stores: readonly StoreName[];
  readonly limits: Limits;
};
