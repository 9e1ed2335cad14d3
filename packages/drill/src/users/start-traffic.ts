import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { bounds } from '../bounds.ts';
import { createWriteLedger, type WriteLedger } from '../check/write-ledger.ts';
import { createProbeLog, type ProbeLog } from '../measure/probe-log.ts';
import {
  createMessageProbe,
  createOrdinaryUser,
  createSignInProbe,
  createWriter,
  type Records,
  type Try,
} from './clients.ts';
import type { DrillUser } from './drill-user.ts';
import { keepTrying, type Pace } from './pace.ts';
import { createPoolClient, type PoolClient, type UsersAddress } from './pool-client.ts';

export type TrafficOptions = {
  readonly users: readonly DrillUser[];
  readonly pools: readonly string[];
  readonly addressesOf: (pool: string) => readonly UsersAddress[];
  /** Ordinary traffic, over all pools. */
  readonly writesPerSecond: number;
};

/** Users at work until they are stopped, and what they keep of it. */
export type Traffic = {
  readonly probes: ProbeLog;
  readonly ledger: WriteLedger;
  stop(): Promise<void>;
};

export function startTraffic(options: TrafficOptions): Traffic {
  const { pools } = options;
  const probes = createProbeLog(pools);
  const ledger = createWriteLedger(pools);
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // Every client rests on it.
  const clients = pools.flatMap((pool) => clientsOf(options, { pool, agent }, { probes, ledger }));
  const loops = clients.map(({ act, pace }, index) =>
    keepTrying(act, { pace, phase: index / clients.length, signal: stopping.signal }),
  );
  return {
    probes,
    ledger,
    stop: async () => {
      stopping.abort();
      agent.destroy();
      await Promise.all(loops);
    },
  };
}

type Client = { readonly act: Try; readonly pace: Pace };

/** All clients of one pool. With few users several clients are devices of the same user. */
function clientsOf(
  options: TrafficOptions,
  { pool, agent }: { readonly pool: string; readonly agent: Agent },
  records: Records,
): readonly Client[] {
  const users = options.users.filter((user) => user.pool === pool);
  let next = 0;
  const device = (): PoolClient => {
    const user = users[next % users.length];
    if (user === undefined) throw new Error(`pool ${pool} has no users`);
    next += 1;
    return createPoolClient({ user, addresses: options.addressesOf(pool), agent });
  };
  const many = (count: number, pace: Pace, make: (client: PoolClient) => Try) =>
    Array.from({ length: count }, () => ({ act: make(device()), pace }));
  const { refusedPauseMs, probeEveryMs, writerEveryMs, ordinaryPauseMs } = bounds;
  const probePace = { everyMs: probeEveryMs, refusedPauseMs };
  const probesEach = Math.min(bounds.probesPerPool, Math.ceil(users.length / 5));
  const measuring = [
    ...many(bounds.writersPerPool, { everyMs: writerEveryMs, refusedPauseMs }, (client) =>
      createWriter(client, records),
    ),
    ...many(probesEach, probePace, (client) => createSignInProbe(client, records)),
    ...many(probesEach, probePace, (client) => createMessageProbe(client, records)),
  ];
  const lanes = options.writesPerSecond > 0 ? bounds.ordinaryLanesPerPool : 0;
  const perPool = options.writesPerSecond / options.pools.length;
  const everyMs = (lanes * 1000) / Math.max(1, perPool);
  const ordinary = users.slice(next % users.length).map(({ name }) => name);
  const pace = { everyMs, refusedPauseMs: ordinaryPauseMs };
  return [
    ...measuring,
    ...many(lanes, pace, (client) => createOrdinaryUser(client, records, ordinary)),
  ];
}
