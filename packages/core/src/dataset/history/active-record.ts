import type { Generation } from '../../generation.ts';
import type { DatasetId, DatasetName, RunId, StoreName } from '../../ids.ts';

/**
 * Who is active for a dataset: the decision with subject `dataset:NAME` in the control database.
 * The record of the highest generation is the truth; a mount is allowed for its `active` store
 * under its `generation` only.
 */
export type ActiveRecord = {
  readonly kind: 'active';
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  readonly generation: Generation;
  readonly active: StoreName;
  /** The generation with which `active` took over; links from it carry it in their names. */
  readonly since: Generation;
  /** Who was active before and how it ended; absent since birth. */
  readonly former?: FormerActive;
  /** Why an operator keeps it dismounted; absent while it may be mounted. */
  readonly dismounted?: string;
};

export type FormerActive = {
  readonly store: StoreName;
  /** The `since` of the former record: the standing slot for the way back carries it. */
  readonly since: Generation;
  /** The generation of the former's last mount. */
  readonly generation: Generation;
  /** What the standing slots carry that others follow it by: the `since` of its own former. */
  readonly linked?: Generation;
  readonly how: 'handOver' | 'forced';
  /** Forced because the copy is recorded as in sync: it is taken over while it is, or not (V7). */
  readonly isLossless?: true;
};

/**
 * The last row that a fenced copy wrote. The target mounts only after the marker it was ordered to
 * wait for: dataset, generation, run and attempt must all be the same (E1, E8).
 */
export type FenceMarker = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly run: RunId;
  readonly attempt: number;
  readonly tablesHash: string;
  readonly migration: number;
};
