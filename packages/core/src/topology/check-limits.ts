import { type LimitName, limitTable } from '../limits.ts';
import type { Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

/** Limits out of their bounds, or in an order that cannot work. */
export function checkLimits({ limits }: Topology): readonly TopologyFinding[] {
  const outside = (Object.keys(limitTable) as LimitName[]).flatMap((name) => {
    const { min, max, unit, about } = limitTable[name];
    const value = limits[name];
    if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
    const todo = `a whole number from ${min} to ${max}${unit === 'count' ? '' : ` ${unit}`}`;
    return [{ path: ['limits', name], what: `${name} (${about}) is ${value}`, todo }];
  });
  return [...outside, ...checkOrder({ limits })];
}

/** Pairs of which the first must stay below the second, or the second never comes true. */
const below: readonly (readonly [LimitName, LimitName, string])[] = [
  ['cycleMs', 'leaseMs', 'a mount would end before it is renewed'],
  ['heartbeatMs', 'heartbeatFreshMs', 'no heartbeat would ever be fresh'],
  ['lossGoodMs', 'lossBestMs', '`best` would allow less than `good`'],
  ['fenceDrainMs', 'fenceTimeoutMs', 'a fence would be given up before it began'],
];

function checkOrder({ limits }: Pick<Topology, 'limits'>): readonly TopologyFinding[] {
  return below.flatMap(([less, more, why]) => {
    if (!(limits[less] >= limits[more])) return [];
    const path = ['limits', less];
    return [
      { path, what: `${less} is not below ${more}: ${why}`, todo: `choose ${less} below ${more}` },
    ];
  });
}
