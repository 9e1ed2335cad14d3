import {
  type AbortSwitchOrder,
  type ActiveRecord,
  activeRecordOf,
  asLsn,
  type AwaitMarkerOrder,
  type FenceOrder,
  type FenceSiteOrder,
  isSameLink,
  type MountOrder,
  type Order,
  type OrderOf,
  type OrderReport,
} from '@understudy/core';
import { dropInWorld, salvageInWorld } from './salvage-in-world.ts';
import type { WorldAgent } from './world-agent.ts';
import type { WorldCopy } from './world-copy.ts';

/** Looks for the marker this often, and at most this many times. */
const lookMs = 5;
const looksMax = 200;

/** Carries an order out in the harness' world, refusing what the rules refuse. */
export async function obeyInWorld(agent: WorldAgent, order: Order): Promise<OrderReport> {
  switch (order.kind) {
    case 'fence':
      return fence(agent, order);
    case 'awaitMarker':
      return awaitMarker(agent, order);
    case 'mount':
      return mount(agent, order);
    case 'abortSwitch':
      return abort(agent, order);
    case 'detach':
      return detach(agent, agent.copy(order.dataset), order.generation);
    case 'follow':
      return follow(agent, order);
    case 'seed':
      return seed(agent, order);
    case 'setAside':
      return setAside(agent, order);
    case 'salvage':
      return salvageInWorld(agent, order);
    case 'dropSetAside':
      return dropInWorld(agent, order);
    case 'verify':
      return verify(agent, agent.copy(order.dataset));
    case 'fenceSite':
      return fenceSite(agent, order);
    case 'setPoolState':
      await agent.control.learn([order.record]);
      return { why: `${agent.server} knows that ${order.record.pool} is ${order.record.state}` };
    case 'hydrate':
      if (order.isAhead === true) return { why: 'read ahead' };
      if (!agent.copy(order.dataset).isMounted) agent.refuse('wrongState', 'not mounted here');
      agent.groups.set(order.pool, order.groups);
      return { why: 'hydrated', hydrated: order.groups.map((group) => ({ group, users: 10 })) };
    case 'prepareWayBack':
      return { why: `the way back of ${order.dataset} stands` };
    case 'roles':
      if (order.act !== 'start') agent.groups.delete(order.pool);
      return { why: `roles ${order.act}` };
    case 'dismount':
      return agent.refuse('rule', 'no runbook dismounts');
  }
}

async function recordOf(agent: WorldAgent, copy: WorldCopy): Promise<ActiveRecord> {
  const record = activeRecordOf(await agent.control.readDecisions(), copy.dataset);
  return record ?? agent.refuse('unknownSubject', `nothing is decided of ${copy.dataset}`);
}

function fenceSite(agent: WorldAgent, { fencing }: FenceSiteOrder): OrderReport {
  const { world } = agent;
  if (world.fencingFails !== undefined) agent.refuse('notProvenOff', world.fencingFails);
  world.fence(fencing.servers.map(({ name }) => name));
  return { why: `site ${fencing.site} is off` };
}

function refuseAborted(agent: WorldAgent, dataset: string, { run, attempt }: OrderOf): void {
  if ((agent.aborted.get(`${run}/${dataset}`) ?? 0) < attempt) return;
  agent.refuse('staleAttempt', `attempt ${attempt} was aborted here`);
}

async function fence(agent: WorldAgent, order: FenceOrder & OrderOf): Promise<OrderReport> {
  const { dataset, generation, run, attempt, target } = order;
  refuseAborted(agent, dataset, order);
  const copy = agent.copy(dataset);
  const record = await recordOf(agent, copy);
  if (record.generation !== generation || copy.mountedGeneration !== generation) {
    agent.refuse('staleGeneration', `${dataset} has generation ${record.generation}`);
  }
  copy.isMounted = false;
  copy.handedOver = { generation, run, attempt, target };
  copy.marker = { generation, run, attempt };
  return { why: 'fenced', position: { generation, lsn: asLsn('0/10') } };
}

async function awaitMarker(
  agent: WorldAgent,
  order: AwaitMarkerOrder & OrderOf,
): Promise<OrderReport> {
  const { dataset, generation, run, attempt } = order.marker;
  refuseAborted(agent, dataset, order);
  const copy = agent.copy(dataset);
  for (let looks = 0; looks < looksMax; looks++) {
    const source = agent.world
      .copiesOf(dataset)
      .find(({ store }) => store === copy.following?.from);
    const { marker } = source ?? {};
    const isIt = marker?.generation === generation && marker.run === run;
    if (source !== undefined && isIt && marker?.attempt === attempt) {
      copy.rows = new Set([...copy.rows, ...source.rows]);
      copy.marker = marker;
      return { why: 'the marker is here', position: { generation, lsn: asLsn('0/10') } };
    }
    await agent.world.clock.sleep(lookMs);
  }
  throw new Error(`the marker of ${dataset} did not arrive`);
}

async function mount(agent: WorldAgent, order: MountOrder & OrderOf): Promise<OrderReport> {
  const { record } = order;
  const { dataset } = record;
  refuseAborted(agent, dataset, order);
  const copy = agent.copy(dataset);
  await agent.control.learn([record]);
  const known = await recordOf(agent, copy);
  if (known.generation !== record.generation || known.active !== record.active) {
    agent.refuse('staleGeneration', `${known.active} has ${dataset} under ${known.generation}`);
  }
  if (copy.isMounted) return { why: 'mounted already' };
  if (record.former?.how === 'handOver' && copy.marker?.generation !== record.former.generation) {
    agent.refuse('rule', 'its marker is not here');
  }
  agent.world.openGate(copy, record);
  return { why: `${dataset} is mounted on ${agent.store} under ${record.generation}` };
}

async function abort(agent: WorldAgent, order: AbortSwitchOrder & OrderOf): Promise<OrderReport> {
  const { dataset, run, attempt, side } = order;
  const copy = agent.copy(dataset);
  if (side === 'target' && copy.isMounted) agent.refuse('wrongState', 'it is mounted already');
  agent.aborted.set(`${run}/${dataset}`, attempt);
  if (side === 'target') return { why: `${agent.store} will not mount ${dataset}` };
  const record = await recordOf(agent, copy);
  if (record.active !== agent.store) {
    agent.refuse('staleGeneration', `${record.active} is active by now`);
  }
  if (copy.isMounted) return { why: 'still mounted' };
  await agent.mountAgain(copy, record);
  return { why: `${dataset} is mounted on ${agent.store} again` };
}

function detach(
  { world }: WorldAgent,
  copy: WorldCopy,
  generation: ActiveRecord['generation'],
): OrderReport {
  const from = copy.following?.from;
  if (from === undefined) return { why: 'detached already' };
  const source = world.copiesOf(copy.dataset).find(({ store }) => store === from);
  // What the source wrote last has not arrived: that is what forcing costs.
  const rows = [...(source?.rows ?? [])].slice(0, -1);
  copy.rows = new Set([...copy.rows, ...rows]);
  copy.following = undefined;
  copy.origin = { from, generation };
  return { why: 'detached', origin: { from, generation, lsn: asLsn('0/8') } };
}

async function follow(
  agent: WorldAgent,
  { link, record }: Extract<Order, { kind: 'follow' }>,
): Promise<OrderReport> {
  await agent.control.learn([record]);
  const copy = agent.copy(link.dataset);
  if (copy.isMounted) agent.refuse('wrongState', 'it is mounted here');
  if (copy.isDiverged) agent.refuse('notHealthy', 'it holds writes nobody has');
  copy.following = link;
  copy.handedOver = undefined;
  return { why: `${agent.store} follows ${link.from}` };
}

async function seed(
  agent: WorldAgent,
  { link, record }: Extract<Order, { kind: 'seed' }>,
): Promise<OrderReport> {
  await agent.control.learn([record]);
  const copy = agent.copy(link.dataset);
  if (copy.isDiverged || copy.isMounted) agent.refuse('wrongState', 'set it aside first');
  if (copy.following !== undefined && isSameLink(copy.following, link)) return { why: 'seeding' };
  const source = agent.world.copiesOf(link.dataset).find(({ store }) => store === link.from);
  copy.rows = new Set(source?.rows);
  copy.ledger = new Set(source?.ledger);
  copy.following = link;
  return { why: `seeded from ${link.from}` };
}

async function setAside(
  agent: WorldAgent,
  { dataset, record }: Extract<Order, { kind: 'setAside' }>,
): Promise<OrderReport> {
  await agent.control.learn([record]);
  const copy = agent.copy(dataset);
  if (record.active === agent.store) agent.refuse('wrongState', 'it is the active copy');
  if (copy.isDiverged) agent.keepAside(copy);
  return { why: `${dataset} is kept aside on ${agent.store}` };
}

async function verify(agent: WorldAgent, copy: WorldCopy): Promise<OrderReport> {
  const { generation } = await recordOf(agent, copy);
  if (copy.isMounted) agent.refuse('wrongState', `${agent.store} has the active copy`);
  copy.verifiedAt = generation;
  const verified = { atMs: 0, generation, tables: 1, rows: copy.rows.size, differences: [] };
  return { why: `${copy.dataset} is equal`, verify: verified };
}
