import type { Generation } from '../generation.ts';
import type { PoolName, RunId } from '../ids.ts';

/** States of a pool, as operators of such systems know them; docs/operating/pool-states.md. */
export type PoolState = 'active' | 'failingOver' | 'failedOver' | 'failingBack';

/** The decision with subject `pool:NAME`. */
export type PoolRecord = {
  readonly kind: 'pool';
  readonly pool: PoolName;
  readonly generation: Generation;
  readonly state: PoolState;
  /** Which pool serves its users when datasets are mounted as the state says. */
  readonly serving: PoolName;
  readonly run?: RunId;
  /** The one sentence: what was done and why. */
  readonly why: string;
};
