import {
  counted,
  type PoolName,
  type QueuedBatch,
  type QueuedDone,
  type ServerName,
} from '@understudy/core';
import { type AgentClient, withTimeout } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';

// What was queued in limited mode lies in the dataset of the backup pool, and no role opens two
// datasets: the agent of the server where the pool's own dataset is mounted carries it there.
//
// Q4. It is removed from the queue only after it stands in the pool's dataset: a courier that dies
//     anywhere leaves it in the one, or in both, where its id keeps it from being applied again.
// Q2. Only the oldest are read, and the next only when those are removed: the order stays.

/** Batches that are carried in one go; the next cycle carries the next. */
const batchesMax = 20;

/** Carries what waits for every pool that is mounted here; gives a sentence for each. */
export async function carryQueued(hands: Hands): Promise<readonly string[]> {
  const { parts, memory, assigner } = hands;
  const said: string[] = [];
  for (const { name } of parts.topology.pools) {
    if (!isMountedHere(parts, memory, name)) {
      memory.mergingSinceMs.delete(name);
      continue;
    }
    const sentence = await carryFor(hands, name);
    if (sentence !== undefined) said.push(sentence);
    const isWaiting = memory.queuedAt.has(name);
    if (isWaiting || !memory.mergingSinceMs.has(name)) continue;
    // What held changes up is in: the roles need not wait for the next renewal to hear of it.
    memory.mergingSinceMs.delete(name);
    await assigner.assign();
  }
  return said;
}

/**
 * Carries what waits for one pool; undefined where nothing does. Roles count what waits now and
 * then: who was there a moment ago is on a server of `also`, whatever was counted.
 */
export async function carryFor(
  hands: Hands,
  pool: PoolName,
  also: readonly ServerName[] = [],
): Promise<string | undefined> {
  const { parts, memory } = hands;
  const queued = memory.queuedAt.get(pool);
  if (queued?.hasChanges === true && !memory.mergingSinceMs.has(pool)) {
    memory.mergingSinceMs.set(pool, parts.clock.bootMs());
  }
  let carried = 0;
  for (const server of new Set([...(queued?.servers ?? []), ...also])) {
    const holder = holderOn(hands, server);
    if (holder === undefined) continue;
    try {
      carried += await carryAll(hands, pool, holder);
    } catch (error) {
      return `what was queued for ${pool} on ${server} waits: ${wordsOf(error)}`;
    }
  }
  memory.queuedAt.delete(pool);
  return carried === 0 ? undefined : `applied ${counted(carried, 'queued change')} of ${pool}`;
}

type Holder = Pick<AgentClient, 'readQueued' | 'clearQueued'>;

function holderOn({ parts }: Hands, server: ServerName): Holder | undefined {
  if (server !== parts.server) return parts.partners.find((each) => each.server === server);
  return {
    readQueued: (pool) => parts.roles.readQueue({ pool }),
    clearQueued: (pool, done) => parts.roles.clearQueue({ pool, done }),
  };
}

async function carryAll({ parts }: Hands, pool: PoolName, holder: Holder): Promise<number> {
  const { clock, roles, topology } = parts;
  const { peerTimeoutMs: ms } = topology.limits;
  const within = <Result>(what: string, work: () => Promise<Result>): Promise<Result> =>
    withTimeout(clock, { ms, what }, work);
  let carried = 0;
  for (let batches = 0; batches < batchesMax; batches += 1) {
    const batch = await within('the queue', () => holder.readQueued(pool));
    if (isEmpty(batch)) return carried;
    const done = await within('the roles', () => roles.applyQueued({ pool, batch }));
    await within('the queue', () => holder.clearQueued(pool, done));
    carried += batch.changes.length;
    if (isEmpty(done)) return carried;
  }
  throw new Error('there is more than is carried in one go');
}

function isEmpty({ changes, bindings }: QueuedBatch | QueuedDone): boolean {
  return changes.length === 0 && bindings.length === 0;
}

function isMountedHere({ topology }: AgentParts, { mounts }: AgentMemory, pool: PoolName): boolean {
  return topology.datasets.some((each) => each.pool === pool && mounts.has(each.name));
}
