import type { PoolName } from '@understudy/core';
import type { SimSite } from './sim-site.ts';
import type { SimWorld } from './sim-world.ts';

/** What clients did, as their own records say. */
export type ClientRecord = {
  /** Row and value of every write that a client was told is durable. */
  readonly acknowledged: Map<string, string>;
  tried: number;
};

/** Closed-loop writers: each repeats a write under one id until it is acknowledged (E13). */
export function startClients(clients: {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly sites: readonly SimSite[];
  readonly count: number;
  readonly signal: AbortSignal;
}): ClientRecord {
  const record: ClientRecord = { acknowledged: new Map(), tried: 0 };
  for (let number = 0; number < clients.count; number++) {
    void writeOn({ ...clients, number, record });
  }
  return record;
}

const pauseMs = 250;

async function writeOn(client: {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly sites: readonly SimSite[];
  readonly signal: AbortSignal;
  readonly number: number;
  readonly record: ClientRecord;
}): Promise<void> {
  const { world, pool, sites, signal, number, record } = client;
  let at = 0;
  for (let count = 0; !signal.aborted; count++) {
    const row = `w${number}-${count}`;
    const value = `${world.clock.bootMs()}`;
    while (!signal.aborted) {
      record.tried++;
      const outcome = await sites[at]?.role.write(pool, row, value);
      if (outcome === 'acknowledged') {
        record.acknowledged.set(row, value);
        break;
      }
      at = (at + 1) % sites.length;
      await world.clock.sleep(world.chance.integer(20, pauseMs));
    }
    await world.clock.sleep(world.chance.integer(20, pauseMs));
  }
}
