import { checkActivation } from './check-activation.ts';
import { checkDatasets } from './check-datasets.ts';
import { checkFencing } from './check-fencing.ts';
import { checkLimits } from './check-limits.ts';
import { checkNames } from './check-names.ts';
import { checkPools } from './check-pools.ts';
import { checkPorts } from './check-ports.ts';
import { checkReach } from './check-reach.ts';
import { checkServers } from './check-servers.ts';
import { checkSync } from './check-sync.ts';
import { checkVotes } from './check-votes.ts';
import type { Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

/**
 * All mistakes of a topology at once, in the order of the file; empty when well. An empty name
 * stands for one that is missing: who reads the file says that, here it is passed over.
 */
export function checkTopology(topology: Topology): readonly TopologyFinding[] {
  return [
    ...checkNames(topology),
    ...checkFencing(topology),
    ...checkServers(topology),
    ...checkPorts(topology),
    ...checkPools(topology),
    ...checkDatasets(topology),
    ...checkActivation(topology),
    ...checkReach(topology),
    ...checkSync(topology),
    ...checkVotes(topology),
    ...checkLimits(topology),
  ];
}
