import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  addressesOf,
  createPoolClient,
  createProbeLog,
  createWriteLedger,
  createWriter,
  keepTrying,
  makeUsers,
  type ProbeLog,
  usersCsv,
  type WriteLedger,
} from '@understudy/drill';
import { bounds } from '../sites/bounds.ts';
import type { Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';

/** A few users of each pool who write over HTTP, and keep what was acknowledged to them. */
export type Writers = AsyncDisposable & {
  readonly ledger: WriteLedger;
  readonly probes: ProbeLog;
};

export async function startWriters(sites: Sites): Promise<Writers> {
  const { topology } = sites;
  const pools = topology.pools.map(({ name }) => `${name}`);
  const users = makeUsers(bounds.usersPerPool * pools.length, pools);
  for (const pool of pools) {
    const csv = usersCsv(users.filter((user) => user.pool === pool));
    const id = randomUUID();
    await waitFor(`the users of ${pool}`, () =>
      sites.client.importUsers(pool, { id, csv: () => Readable.from([csv]) }),
    );
  }
  const agent = new Agent({ keepAlive: true });
  const records = { probes: createProbeLog(pools), ledger: createWriteLedger(pools) };
  const stopping = new AbortController();
  const pace = { everyMs: bounds.writerEveryMs, refusedPauseMs: bounds.refusedPauseMs };
  const loops = pools.flatMap((pool) =>
    users
      .filter((user) => user.pool === pool)
      .slice(0, bounds.writersPerPool)
      .map((user, index, { length }) => {
        const client = createPoolClient({ user, addresses: addressesOf(topology, pool), agent });
        const act = createWriter(client, records);
        return keepTrying(act, { pace, phase: index / length, signal: stopping.signal });
      }),
  );
  return {
    ...records,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      agent.destroy();
      await Promise.all(loops);
    },
  };
}

/** Waits until a write of every writer, or of those of one pool, was begun since and is done. */
export async function waitServed({ probes }: Writers, only?: string): Promise<void> {
  const sinceMs = Date.now();
  await waitFor('that every pool takes writes', () => {
    const notServed = probes.notServedSince(sinceMs).filter(({ pool }) => pool === (only ?? pool));
    if (notServed.length > 0) throw new Error(notServed.map(({ user }) => user).join(', '));
    return true;
  });
}

/** Waits until no write of the pool has been acknowledged for a while, though users try. */
export async function waitUnserved({ probes }: Writers, pool: string): Promise<void> {
  await waitFor(`that pool ${pool} takes no writes`, async () => {
    const sinceMs = Date.now();
    await sleep(bounds.unservedMs);
    const unserved = probes.notServedSince(sinceMs).filter((each) => each.pool === pool);
    return unserved.length === bounds.writersPerPool ? true : undefined;
  });
}
