import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { bounds } from '../bounds.ts';
import { createMessageLedger } from '../check/message-ledger.ts';
import { createWriteLedger } from '../check/write-ledger.ts';
import { createProbeLog } from '../measure/probe-log.ts';
import type { PhoneAddress } from '../phones/create-asking.ts';
import { openPhoneLine, type PhoneLine } from '../phones/open-phone-line.ts';
import type { AbsentPhone } from '../phones/absent-phone.ts';
import { createPoolPhones, type PoolPhones } from '../phones/pool-phones.ts';
import { createOrdinaryUser, createWriter, type PhoneRecords, type Try } from './clients.ts';
import type { DrillUser } from './drill-user.ts';
import { keepTrying, type Pace, type PacedClient } from './pace.ts';
import { createPoolClient, type PoolClient, type UsersAddress } from './pool-client.ts';

export type TrafficOptions = {
  readonly users: readonly DrillUser[];
  readonly pools: readonly string[];
  readonly addressesOf: (pool: string) => readonly UsersAddress[];
  readonly phoneAddressesOf: (pool: string) => readonly PhoneAddress[];
  /** Of the users' phones: what stands behind the @. */
  readonly domain: string;
  /** Ordinary traffic, over all pools. */
  readonly writesPerSecond: number;
};

/** Users at work until they are stopped, and what they keep of it. */
export type Traffic = PhoneRecords & {
  /** The phone of a pool that is off until somebody has it sign in. */
  absent(pool: string): AbsentPhone;
  stop(): Promise<void>;
};

export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { pools } = options;
  const records = {
    probes: createProbeLog(pools),
    ledger: createWriteLedger(pools),
    messages: createMessageLedger(),
  };
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // Every client rests on it.
  const lines: PhoneLine[] = [];
  const absent = new Map<string, AbsentPhone>();
  const clients: PacedClient[] = [];
  for (const pool of pools) {
    const line = await openPhoneLine();
    lines.push(line);
    const users = options.users.filter((user) => user.pool === pool);
    const addresses = options.phoneAddressesOf(pool);
    const phones = createPoolPhones({ users, addresses, domain: options.domain, line }, records);
    absent.set(pool, phones.absent);
    clients.push(...clientsOf(options, { pool, users, agent, phones }, records));
  }
  const loops = clients.map(({ act, pace, phase }, index) =>
    keepTrying(act, { pace, phase: phase ?? index / clients.length, signal: stopping.signal }),
  );
  return {
    ...records,
    absent: (pool) => {
      const found = absent.get(pool);
      if (found === undefined) throw new Error(`pool ${pool} has no phones`);
      return found;
    },
    stop: async () => {
      stopping.abort();
      agent.destroy();
      await Promise.all(loops);
      await Promise.all(lines.map((line) => line[Symbol.asyncDispose]()));
    },
  };
}

type At = {
  readonly pool: string;
  readonly users: readonly DrillUser[];
  readonly agent: Agent;
  readonly phones: PoolPhones;
};

/** All clients of one pool. With few users several clients are devices of the same user. */
function clientsOf(
  options: TrafficOptions,
  { pool, users, agent, phones }: At,
  records: PhoneRecords,
): readonly PacedClient[] {
  let next = 0;
  const device = (): PoolClient => {
    const user = users[next % users.length];
    if (user === undefined) throw new Error(`pool ${pool} has no users`);
    next += 1;
    return createPoolClient({ user, addresses: options.addressesOf(pool), agent });
  };
  const many = (count: number, pace: Pace, make: (client: PoolClient) => Try) =>
    Array.from({ length: count }, () => ({ act: make(device()), pace }));
  const { refusedPauseMs, writerEveryMs, ordinaryPauseMs, writersPerPool } = bounds;
  const writing = many(writersPerPool, { everyMs: writerEveryMs, refusedPauseMs }, (client) =>
    createWriter(client, records),
  );
  const lanes = options.writesPerSecond > 0 ? bounds.ordinaryLanesPerPool : 0;
  const perPool = options.writesPerSecond / options.pools.length;
  const everyMs = (lanes * 1000) / Math.max(1, perPool);
  const ordinary = users.slice(next % users.length).map(({ name }) => name);
  const pace = { everyMs, refusedPauseMs: ordinaryPauseMs };
  return [
    ...writing,
    ...phones.clients,
    ...many(lanes, pace, (client) => createOrdinaryUser(client, records, ordinary)),
  ];
}
