import {
  asDataset,
  asDatasetId,
  asGeneration,
  asPool,
  type RoleLimited,
  type RoleMount,
  type RolePool,
  routingGroupsOf,
} from '@understudy/core';
import { bootMs, dataset, type OnePool, pool, routingGroups } from './one-pool.ts';

export const backup = asPool('west');
const own = asDataset('users-west');
const ownId = asDatasetId('01990000-0000-7000-8000-000000000002');
const longMs = 600_000;

/** The pool of a test in limited mode, at a role that serves the backup pool. */
export type LimitedPool = {
  /** What the role of the backup pool is told; `elsewhereUrl` goes with `returning`. */
  begin(changed?: Partial<RoleLimited>, elsewhereUrl?: string): Promise<void>;
  /** Home serves, as far as is known here, or is silent since a moment. */
  wait(isAwaited: boolean, home?: string): Promise<void>;
  /** Home's data is mounted here: what a failover ends with. */
  failOver(changed?: Partial<RolePool>): Promise<RoleMount>;
  /** One read, apply and clear, as an agent does it; gives what was read. */
  carry(): Promise<{ readonly changes: number; readonly bindings: number }>;
};

/** Gives birth to the backup pool's own dataset, beside the one of `from`, and mounts it. */
export async function aLimitedPool(from: OnePool): Promise<LimitedPool> {
  const { engine, control } = from;
  await engine.create({ dataset: own, id: ownId });
  const home = await from.mount(); // Whose generation limited mode tells; nobody serves by it.
  let [generation, homeGeneration] = [0, Number(home.generation)];
  const mountOwn = async (): Promise<RoleMount> => {
    generation += 1;
    const mine = asGeneration(generation);
    await engine.mount({ dataset: own, generation: mine, holder: 'test', validForMs: longMs });
    const url = await engine.roleUrl(own);
    const groups = routingGroupsOf({ name: backup, routingGroups: 2 });
    const about = { dataset: own, id: ownId, pool: backup, generation: mine, url };
    return { ...about, deadlineMs: bootMs() + longMs, routingGroups: groups };
  };
  const mine = await mountOwn();
  const west: RolePool = { pool: backup, state: 'active', isServing: true };
  return {
    begin: async (changed = {}, elsewhereUrl) => {
      const east: RolePool = { pool, state: 'active', isServing: false };
      const limited: RoleLimited = {
        ...home,
        url: await engine.readerUrl(dataset),
        deadlineMs: bootMs() + longMs,
        queueIn: own,
        state: 'on',
        why: 'its home is silent in this test',
        sinceMs: Date.now(),
        ...changed,
      };
      await from.assign({
        pools: [{ ...east, ...(elsewhereUrl !== undefined && { elsewhereUrl }) }, west],
        mounts: [mine],
        limited: [limited],
      });
      await control.hydrate({ dataset: own, groups: mine.routingGroups });
    },
    wait: async (isAwaited, home = '192.0.2.1:5060') => {
      const sip = { side: 'backup', home: [{ plain: home }], backup: [] } as const;
      const east: RolePool = { pool, state: 'active', isServing: false, sip };
      const silent = { ...east, ...(isAwaited && { isAwaited }) };
      await from.assign({ pools: [silent, west], mounts: [mine] });
      await control.hydrate({ dataset: own, groups: mine.routingGroups });
    },
    failOver: async (changed = {}) => {
      homeGeneration += 1;
      const next = asGeneration(homeGeneration);
      await engine.mount({ dataset, generation: next, holder: 'test', validForMs: longMs });
      const mounted: RoleMount = { ...home, generation: next, deadlineMs: bootMs() + longMs };
      const east: RolePool = { pool, state: 'failedOver', isServing: true, ...changed };
      await from.assign({ pools: [east, west], mounts: [mounted, mine] });
      await control.hydrate({ dataset, groups: routingGroups });
      return mounted;
    },
    carry: async () => {
      const batch = await control.readQueue({ pool });
      const done = await control.applyQueued({ pool, batch });
      await control.clearQueue({ pool, done });
      return { changes: batch.changes.length, bindings: batch.bindings.length };
    },
  };
}
