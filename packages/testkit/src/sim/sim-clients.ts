import type { PoolName } from '@understudy/core';
import type { SimSite } from './sim-site.ts';
import type { SimWorld } from './sim-world.ts';

/** What clients did, as their own records say. */
export type ClientRecord = {
  /** Row and value of every write that a client was told is durable. */
  readonly acknowledged: Map<string, string>;
  /** The newest value that was tried for each row; unacknowledged ones may stand all the same. */
  readonly tried: Map<string, string>;
  tries: number;
};

/** Closed-loop writers: each repeats a write under one id until it is acknowledged (E13). */
export function startClients(clients: {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly sites: readonly SimSite[];
  readonly count: number;
  readonly signal: AbortSignal;
}): ClientRecord {
  const record: ClientRecord = { acknowledged: new Map(), tried: new Map(), tries: 0 };
  for (let number = 0; number < clients.count; number++) {
    void writeOn({ ...clients, number, record });
  }
  return record;
}

/** Text that sorts by time. */
function valueAt(world: SimWorld, count: number): string {
  return `${Math.floor(world.clock.bootMs())}`.padStart(12, '0') + `.${count}`;
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
    // Every other write changes a row that stands, as settings do; values grow with time.
    const row = count % 2 === 0 ? `w${number}-${count}` : `w${number}`;
    const value = valueAt(world, count);
    record.tried.set(row, value);
    while (!signal.aborted) {
      record.tries++;
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
