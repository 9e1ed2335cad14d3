import {
  activeRecordOf,
  type DatasetName,
  type PoolName,
  type RoleLimited,
  routingGroupsOf,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { ownDatasets } from '../own-store.ts';

/** What the roles are told of pools in limited mode. */
export type LimitedPictures = {
  /** Learns the addresses of the passive copies. Never rejects. */
  learn(): Promise<void>;
  draw(): readonly RoleLimited[];
};

export function createLimitedPictures(parts: AgentParts, memory: AgentMemory): LimitedPictures {
  const urls = new Map<DatasetName, string>();
  const limits = parts.topology.limits;

  async function learnUrl(dataset: DatasetName): Promise<void> {
    const own = ownDatasets(parts).find((each) => each.dataset === dataset)?.own;
    if (own === undefined || urls.has(dataset)) return;
    const { engine } = own;
    const bound = { ms: limits.roleTimeoutMs, what: `the way to read ${dataset}` };
    try {
      urls.set(dataset, await memory.patience.within(bound, () => engine.readerUrl(dataset)));
    } catch (error) {
      parts.log.say('warn', `the roles cannot read ${dataset} yet: ${wordsOf(error)}`);
    }
  }

  function drawOne(name: PoolName): RoleLimited | undefined {
    const state = memory.limited.get(name);
    const pool = parts.topology.pools.find((each) => each.name === name);
    const dataset = datasetOf(parts, name);
    const queueIn = datasetOf(parts, pool?.backupPool);
    if (state === undefined || state.state === 'off' || pool === undefined) return undefined;
    if (dataset === undefined || queueIn === undefined) return undefined;
    const url = urls.get(dataset);
    const record = activeRecordOf(memory.decisions, dataset);
    if (url === undefined || record === undefined) return undefined;
    return {
      dataset,
      id: record.id,
      pool: name,
      generation: record.generation,
      url,
      deadlineMs: parts.clock.bootMs() + limits.leaseMs,
      routingGroups: routingGroupsOf(pool),
      queueIn,
      state: state.state,
      why: state.why,
      sinceMs: state.sinceMs,
    };
  }

  return {
    learn: async () => {
      const pools = [...memory.limited].filter(([, { state }]) => state !== 'off');
      const datasets = pools.flatMap(([name]) => datasetOf(parts, name) ?? []);
      await Promise.all(datasets.map(learnUrl));
    },
    draw: () => [...memory.limited.keys()].flatMap((name) => drawOne(name) ?? []),
  };
}

/** What other servers of the pool have handed on; what is read here itself is the newer. */
export function sharedLimited(
  { clock }: AgentParts,
  { limited, sharedLimited: shared }: AgentMemory,
): readonly RoleLimited[] {
  const isOwn = (pool: PoolName) => (limited.get(pool)?.state ?? 'off') !== 'off';
  return [...shared.values()]
    .map((hold) => hold.limited)
    .filter(({ pool, deadlineMs }) => deadlineMs > clock.bootMs() && !isOwn(pool));
}

function datasetOf({ topology }: AgentParts, pool: PoolName | undefined): DatasetName | undefined {
  return topology.datasets.find((each) => each.pool === pool)?.name;
}
