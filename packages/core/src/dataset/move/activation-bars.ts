import { activeRecordOf, copyRecordOf, serverRecordOf } from '../../agent/decision.ts';
import type { DatasetName, ServerName, StoreName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';

/** Why a copy is not to be made active, whatever its state: an operator wants it so. */
export type ActivationBar = {
  readonly code: 'activationBlocked' | 'serverAtMaximum';
  readonly why: string;
  readonly todo: string;
};

type Copy = { readonly dataset: DatasetName; readonly store: StoreName };
type Wanted = Pick<Inventory, 'topology' | 'decisions'>;

/** What bars the copy from being made active; undefined where nothing does. Pure. */
export function findActivationBar(inventory: Wanted, copy: Copy): ActivationBar | undefined {
  const server = inventory.topology.stores.find(({ name }) => name === copy.store)?.server;
  return (
    findCopyBlock(inventory, copy) ??
    (server && (findServerBlock(inventory, server) ?? findMaximum(inventory, copy, server)))
  );
}

const inTopology = 'allow it in the topology file, the same on every server';

function findCopyBlock({ topology, decisions }: Wanted, copy: Copy): ActivationBar | undefined {
  const { dataset, store } = copy;
  const code = 'activationBlocked';
  const blocked = copyRecordOf(decisions, copy)?.blocked;
  if (blocked !== undefined) {
    const todo = `understudy dataset unblock ${dataset} --store ${store}`;
    return { code, why: `its activation is blocked (${blocked})`, todo };
  }
  const wanted = topology.datasets
    .find(({ name }) => name === dataset)
    ?.copies.find((each) => each.store === store);
  if (wanted?.activation !== 'blocked') return undefined;
  return { code, why: 'its activation is blocked in the topology', todo: inTopology };
}

function findServerBlock(
  { topology, decisions }: Wanted,
  server: ServerName,
): ActivationBar | undefined {
  const code = 'activationBlocked';
  const blocked = serverRecordOf(decisions, server)?.blocked;
  if (blocked !== undefined) {
    const why = `activation is blocked on ${server} (${blocked})`;
    return { code, why, todo: `understudy server unblock ${server}` };
  }
  const wanted = topology.servers.find(({ name }) => name === server);
  if (wanted?.activation !== 'blocked') return undefined;
  const why = `activation is blocked on ${server} in the topology`;
  return { code, why, todo: inTopology };
}

function findMaximum(
  { topology, decisions }: Wanted,
  { dataset }: Copy,
  server: ServerName,
): ActivationBar | undefined {
  const maximum = topology.servers.find(({ name }) => name === server)?.maxActive;
  if (maximum === undefined) return undefined;
  const stores = topology.stores.filter((each) => each.server === server).map(({ name }) => name);
  const others = topology.datasets.filter(({ name }) => {
    const active = activeRecordOf(decisions, name)?.active;
    return name !== dataset && active !== undefined && stores.includes(active);
  });
  if (others.length < maximum) return undefined;
  const names = others.map(({ name }) => name).join(', ');
  return {
    code: 'serverAtMaximum',
    why: `${server} may have ${maximum} active at most and has ${names}`,
    todo: 'move one of them away, or raise maxActive in the topology file',
  };
}
