import type { Finding, RunbookName } from '../../run/run-request.ts';
import { refusal } from '../check/finding.ts';
import { nextPoolState, poolLifecycle } from '../pool-lifecycle.ts';
import type { PoolState } from '../pool-record.ts';

/**
 * Setting a pool's state by hand starts the runbook that leads there (decisions/0007), so that
 * state and datasets cannot contradict each other. A refusal where no row of the table leads there.
 */
export function runbookForState(
  current: PoolState,
  wanted: PoolState,
): Extract<RunbookName, 'pool-failover' | 'pool-failback'> | Finding {
  const isOver = wanted === 'failingOver' || wanted === 'failedOver';
  const direction = isOver ? 'failover' : 'failback';
  if (current !== wanted && nextPoolState(current, `${direction}Ordered`) !== undefined) {
    return `pool-${direction}`;
  }
  const known = Object.values(poolLifecycle[current]).map(({ to }) => to);
  const next = [...new Set(known)].join(', ');
  return refusal(
    'stateNotNext',
    `the pool is ${current}; ${wanted} cannot follow, but ${next} can`,
  );
}
