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
  type DrillUser,
  keepTrying,
  makeUsers,
  type ProbeLog,
  type UsersAddress,
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

export type WritersOptions = {
  /** Besides, some know one address alone: both sides of a pool are asked all the time. */
  readonly isAskingBothSides?: boolean;
};

export async function startWriters(
  sites: Sites,
  { isAskingBothSides = false }: WritersOptions = {},
): Promise<Writers> {
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
  const loopOf = (user: DrillUser, addresses: readonly UsersAddress[], phase: number) => {
    // Who knows one address alone is not always served, and is no measure of it.
    const isMeasure = addresses.length > 1;
    const kept = isMeasure ? records : { ...records, probes: createProbeLog(pools) };
    const act = createWriter(createPoolClient({ user, addresses, agent }), kept);
    return keepTrying(act, { pace, phase, signal: stopping.signal });
  };
  const loops = pools.flatMap((pool) => {
    const addresses = addressesOf(topology, pool);
    const asked = isAskingBothSides ? addresses.map((address) => [address]) : [];
    const own = users.filter((user) => user.pool === pool);
    const roaming = own.slice(0, bounds.writersPerPool).map(() => addresses);
    return [...roaming, ...asked].map((known, index, { length }) =>
      loopOf(own[index] as DrillUser, known, index / length),
    );
  });
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
