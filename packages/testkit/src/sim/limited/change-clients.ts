import type { PoolName } from '@understudy/core';
import type { SimSite } from '../sim-site.ts';
import type { SimWorld } from '../sim-world.ts';

/** What users were told of their changes, in the order in which they were told. */
export type ChangeRecord = {
  /** By user, the ids that were answered 202, and those that were answered as made. */
  readonly queued: Map<string, string[]>;
  readonly made: Map<string, string[]>;
  /** Ids that some server may have made, or queued, without the client knowing. */
  readonly doubtful: Set<string>;
  tries: number;
};

const pauseMs = 200;

/** Users who make one change after the other, each under an id until it is acknowledged (E13). */
export function startChangeClients(clients: {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly sites: readonly SimSite[];
  readonly count: number;
  readonly signal: AbortSignal;
}): ChangeRecord {
  const record: ChangeRecord = {
    queued: new Map(),
    made: new Map(),
    doubtful: new Set(),
    tries: 0,
  };
  for (let number = 0; number < clients.count; number++) {
    void changeOn({ ...clients, user: `user${number}`, record });
  }
  return record;
}

async function changeOn(client: {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly sites: readonly SimSite[];
  readonly signal: AbortSignal;
  readonly user: string;
  readonly record: ChangeRecord;
}): Promise<void> {
  const { world, pool, sites, signal, user, record } = client;
  let at = 0;
  for (let count = 0; !signal.aborted; count++) {
    const id = `${user}.${count}`;
    while (!signal.aborted) {
      record.tries++;
      const outcome = await sites[at]?.role.change(pool, id);
      if (outcome === 'done' || outcome === 'queued') {
        const told = outcome === 'done' ? record.made : record.queued;
        told.set(user, [...(told.get(user) ?? []), id]);
        break;
      }
      if (outcome === 'unknown') record.doubtful.add(id);
      at = (at + 1) % sites.length;
      await world.clock.sleep(world.chance.integer(20, pauseMs));
    }
    await world.clock.sleep(world.chance.integer(20, pauseMs));
  }
}
