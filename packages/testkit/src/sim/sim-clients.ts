import { clockRateError, type DatasetName, type PoolName } from '@understudy/core';
import { EngineRefusedError, StoreDownError } from '@understudy/ports';
import { type ClientRecord, ReadsChecker, repeatMark } from './client-record.ts';
import type { SimSite } from './sim-site.ts';
import type { SimWorld } from './sim-world.ts';

type Clients = {
  readonly world: SimWorld;
  readonly pool: PoolName;
  readonly dataset: DatasetName;
  readonly sites: readonly SimSite[];
  readonly count: number;
  readonly signal: AbortSignal;
};
type Client = Clients & { readonly record: ClientRecord };

/** Users who write and read by way of the roles, and sessions that ask the gates alone. */
export function startClients(clients: Clients): ClientRecord {
  const record: ClientRecord = {
    acknowledged: new Map(),
    tried: new Map(),
    reads: new ReadsChecker(),
    tries: 0,
  };
  for (let number = 0; number < clients.count; number++) {
    void writeOn({ ...clients, record }, number);
  }
  void readOn({ ...clients, record });
  void writePast({ ...clients, record });
  return record;
}

/** Text that sorts by time. */
function valueAt(world: SimWorld, count: number): string {
  return `${Math.floor(world.clock.bootMs())}`.padStart(12, '0') + `.${count}`;
}

const pauseMs = 250;

/** Closed loop: it repeats a write under one id until it is acknowledged (E13). */
async function writeOn(client: Client, number: number): Promise<void> {
  const { world, pool, sites, signal, record } = client;
  let at = 0;
  for (let count = 0; !signal.aborted; count++) {
    // Every other write changes a row that stands, as settings do; values grow with time.
    const id = count % 2 === 0 ? `w${number}-${count}` : `w${number}`;
    const value = valueAt(world, count);
    for (let tries = 1; !signal.aborted; tries++) {
      // Without E13 each try is a row of its own.
      const isAnew = world.faults.has('E13') && count % 2 === 0;
      const row = isAnew ? `${id}${repeatMark}${tries}` : id;
      record.tried.set(row, value);
      record.tries++;
      const outcome = await sites[at]?.role.write(pool, row, value);
      if (typeof outcome === 'object') {
        record.acknowledged.set(row, value);
        record.reads.acknowledged(outcome.acknowledged);
        break;
      }
      at = (at + 1) % sites.length;
      await world.clock.sleep(world.chance.integer(20, pauseMs));
    }
    await world.clock.sleep(world.chance.integer(20, pauseMs));
  }
}

/** Asks one side after the other for the row of the first writer. */
async function readOn({ world, pool, sites, signal, record }: Client): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    await world.clock.sleep(world.chance.integer(20, 2 * pauseMs));
    const site = sites[count % sites.length];
    const asked = record.reads.newest;
    record.tries++;
    const answer = await site?.role.read(pool, 'w0');
    if (site === undefined || answer === undefined || answer === 'refused') continue;
    if (world.isExcepted(site.store.name)) continue;
    // The role counts it on its own clock, which may be slow; voters' leases leave room for that.
    const leaseMs = world.topology.limits.leaseMs / (1 - clockRateError);
    const isInLease = world.clock.bootMs() < answer.grantedMs + leaseMs;
    if (!isInLease) record.reads.answered(site.server, asked, answer.generation);
  }
}

/** A write that waits for a row which another has locked. */
const lockedMs: readonly [number, number] = [500, 4_000];

/** A session as from psql: no role's deadline keeps it out, only the gate does (E4). */
async function writePast({ world, dataset, sites, signal, record }: Client): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    await world.clock.sleep(world.chance.integer(50, 2 * pauseMs));
    const { store } = world.chance.pick(sites);
    const engine = world.engines.get(store.name);
    const generation = store.copies.get(dataset)?.gate?.generation;
    if (engine === undefined || generation === undefined) continue;
    const isLocked = world.chance.fraction() < 0.15;
    const tookMs = isLocked ? world.chance.integer(...lockedMs) : world.chance.integer(1, 15);
    const [row, value] = [`p-${count}`, valueAt(world, count)];
    record.tried.set(row, value);
    record.tries++;
    const write = engine.write({ dataset, generation, row, value, tookMs }).then(
      () => {
        record.acknowledged.set(row, value);
        record.reads.acknowledged(generation);
      },
      (error: unknown) => {
        if (!(error instanceof EngineRefusedError || error instanceof StoreDownError)) throw error;
      },
    );
    if (!isLocked) await write;
  }
}
