import {
  counted,
  type DatasetName,
  type HydrateOrder,
  type OrderReport,
  poolRecordOf,
  type RolesOrder,
  type SetPoolStateOrder,
  showGeneration,
} from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import { carryFor } from '../duty/carry-queued.ts';
import { learnHere } from '../mount/learn-here.ts';
import type { Hands } from '../mount/open-mount.ts';
import { firstStore } from '../own-store.ts';
import { askHolder, holdersOf } from '../supervise/ask-holders.ts';
import { isMountedFor } from '../supervise/role-mounts.ts';
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
  if (!memory.mounts.has(dataset)) await learnShared(hands, dataset);
  const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `hydrating ${pool}` };
  const hydrated = await withTimeout(parts.clock, bound, () =>
    parts.roles.hydrate({ dataset, groups }),
  );
  // Phones that signed in here in limited mode are called from now on.
  const carried = await carryFor(hands, pool, [parts.server]);
  const users = hydrated.reduce((sum, each) => sum + each.users, 0);
  const groupsOfPool = `${counted(hydrated.length, 'routing group')} of ${pool}`;
  const loaded = `${groupsOfPool}: ${counted(users, 'user')}`;
  return { hydrated, why: carried === undefined ? loaded : `${loaded}; ${carried}` };
}

/** Just mounted at another server of the pool, this one's agent may not have heard of it yet. */
async function learnShared(hands: Hands, dataset: DatasetName): Promise<void> {
  const { parts, memory } = hands;
  for (const holder of isMountedFor(parts, memory, dataset) ? [] : holdersOf(parts)) {
    await askHolder(hands, holder, { waitMs: 0 });
  }
  if (isMountedFor(parts, memory, dataset)) return;
  refuse('wrongState', `${dataset} is mounted neither here nor at a server of the same pool`);
}

/** The roles read the passive copy ahead; a copy that is mounted here needs no preparation. */
async function prepareRoles(hands: Hands, order: HydrateOrder): Promise<OrderReport> {
  const { parts, memory } = hands;
  const { dataset, groups: routingGroups, pool } = order;
  const record = recordHere(hands, dataset);
  if (record === undefined) refuse('unknownSubject', `nothing is decided of ${dataset}`);
  if (memory.mounts.has(dataset)) return { why: `${dataset} is mounted here already` };
  const url = await urlAhead(hands, order);
  const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `reading ${dataset} ahead` };
  const { id } = record;
  await withTimeout(parts.clock, bound, () =>
    parts.roles.prepare({ dataset, id, pool, url, routingGroups }),
  );
  return { why: `the users of ${pool} are read ahead on ${parts.server}` };
}

/** Of the copy here, or of the one that another server of the pool is about to mount. */
async function urlAhead(hands: Hands, { dataset, holder }: HydrateOrder): Promise<string> {
  if (holder === undefined) return await ownCopyOf(hands, dataset).engine.roleUrl(dataset);
  const client = holdersOf(hands.parts).find((each) => each.server === holder);
  if (client === undefined) refuse('notHere', `${holder} is of no pool that is served here`);
  const answer = client && (await askHolder(hands, client, { waitMs: 0, ahead: dataset }));
  if (answer?.ahead !== undefined) return answer.ahead.url;
  throw new Error(`${holder} does not say where its copy of ${dataset} is`);
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
