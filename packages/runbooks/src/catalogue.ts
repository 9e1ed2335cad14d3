import type { AnyRunbook } from '@understudy/runbook-engine';
import { datasetMove } from './dataset-move/dataset-move.ts';
import { poolFailback } from './pool-failback/pool-failback.ts';
import { poolFailover } from './pool-failover/pool-failover.ts';
import { siteReturn } from './site-return/site-return.ts';

/** Every runbook of this version. `apps` hand it to the agent. */
export const catalogue: readonly AnyRunbook[] = [
  poolFailover,
  poolFailback,
  siteReturn,
  datasetMove,
];
