import {
  counted,
  type HydrateOrder,
  type OrderReport,
  poolRecordOf,
  type RolesOrder,
  type SetPoolStateOrder,
  showGeneration,
} from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import { learnHere } from '../mount/learn-here.ts';
import type { Hands } from '../mount/open-mount.ts';
import { firstStore } from '../own-store.ts';
import { ownCopyOf, recordHere } from './find-copy.ts';
import { refuse } from './refuse.ts';
import { startRoles } from './start-roles.ts';

// Orders about pools and roles.

export async function obeySetPoolState(
  hands: Hands,
  { record }: SetPoolStateOrder,
): Promise<OrderReport> {
  const { parts, memory, assigner } = hands;
  const known = poolRecordOf(memory.decisions, record.pool);
  if (known !== undefined && known.generation > record.generation) {
    const newest = showGeneration(known.generation);
    refuse('staleGeneration', `pool ${record.pool} is at generation ${newest} (${known.state})`);
  }
  const decided = await firstStore(parts)?.control.decide(record, known?.generation);
  if (decided?.isDone === false) {
    if (decided.current !== undefined) await learnHere(parts, memory, [decided.current]);
    const current = decided.current?.generation ?? record.generation;
    if (current >= record.generation) {
      refuse('staleGeneration', `pool ${record.pool} is at generation ${showGeneration(current)}`);
    }
  }
  await learnHere(parts, memory, [record]);
  const unheard = await assigner.assign();
  const roles = unheard === undefined ? '' : `; the roles do not know yet: ${unheard}`;
  return { why: `pool ${record.pool} is ${record.state}: ${record.why}${roles}` };
}

export async function obeyHydrate(hands: Hands, order: HydrateOrder): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { dataset, groups, pool } = order;
  if (order.isAhead === true) return await prepareRoles(hands, order);
  if (!memory.mounts.has(dataset)) refuse('wrongState', `${dataset} is not mounted here`);
  const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `hydrating ${pool}` };
  const hydrated = await withTimeout(parts.clock, bound, () =>
    parts.roles.hydrate({ dataset, groups }),
  );
  const users = hydrated.reduce((sum, each) => sum + each.users, 0);
  return {
    hydrated,
    why: `${counted(hydrated.length, 'routing group')} of ${pool}: ${counted(users, 'user')}`,
  };
}

/** The roles read the passive copy ahead; a copy that is mounted here needs no preparation. */
async function prepareRoles(hands: Hands, order: HydrateOrder): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { dataset, groups: routingGroups, pool } = order;
  const record = recordHere(hands, dataset);
  if (record === undefined) refuse('unknownSubject', `nothing is decided of ${dataset}`);
  if (memory.mounts.has(dataset)) return { why: `${dataset} is mounted here already` };
  const url = await ownCopyOf(hands, dataset).engine.roleUrl(dataset);
  const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `reading ${dataset} ahead` };
  const { id } = record;
  await withTimeout(parts.clock, bound, () =>
    parts.roles.prepare({ dataset, id, pool, url, routingGroups }),
  );
  return { why: `the users of ${pool} are read ahead on ${parts.server}` };
}

export async function obeyRoles(hands: Hands, { pool, act }: RolesOrder): Promise<OrderReport> {
  const { parts, assigner } = hands;
  if (act === 'start') {
    await startRoles(hands);
    return { why: `roles of ${pool} on ${parts.server} started` };
  }
  if (act === 'reset') await parts.roles.reset();
  // One process may host other pools' roles, so "stop" is said by the picture: the pool is not
  // served here, its registrar stays as a redirector (decisions/0017).
  const unheard = await assigner.assign();
  if (unheard !== undefined) throw new Error(`the roles of ${pool} do not answer: ${unheard}`);
  const done = act === 'stop' ? 'stopped; the redirector stays' : 'reset';
  return { why: `roles of ${pool} on ${parts.server} ${done}` };
}
