import type {
  DatasetName,
  PoolName,
  QueuedBatch,
  QueuedCount,
  QueuedDone,
  RoleMount,
} from '@understudy/core';
import { EngineRefusedError, StoreDownError } from '@understudy/ports';
import type { FakeEngine } from '@understudy/ports/fake';
import type { SimWorld } from '../sim-world.ts';

// What a role keeps of lasting changes, as few rows of a fake copy: a row is written whole in one
// transaction, so that a row stands for the tables that one transaction of the real role writes.

export type ChangeOutcome = 'done' | 'queued' | 'refused' | 'unknown';

/** The pool's own dataset: ids of what was made, in order, and of what was applied from a queue. */
export type Made = { readonly order: readonly string[]; readonly applied: readonly string[] };

export const madeRow = 'made';
export const queueRow = (pool: PoolName): string => `queue ${pool}`;

// Ids without blanks, so that a row is read and written fast: histories do so all the time.
const listOf = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));
export function readMade(value = '|'): Made {
  const [order = '', applied = ''] = value.split('|');
  return { order: listOf(order), applied: listOf(applied) };
}
const writeMade = ({ order, applied }: Made): string => `${order.join(' ')}|${applied.join(' ')}`;
export const readQueued = (value = ''): readonly string[] => listOf(value);

/** Small, so that a queue takes several. */
const batchMax = 3;

export class SimQueues {
  readonly #world: SimWorld;
  readonly #engineOf: (dataset: DatasetName) => FakeEngine | undefined;
  #counts: readonly QueuedCount[] = [];

  constructor(world: SimWorld, engineOf: (dataset: DatasetName) => FakeEngine | undefined) {
    this.#world = world;
    this.#engineOf = engineOf;
  }

  /** Counts what waits in these mounts for other pools' users. */
  async look(mounts: readonly RoleMount[]): Promise<void> {
    // Without a dataset of the backup pool nothing is ever queued.
    if (this.#world.topology.datasets.length < 2) return;
    const counts: QueuedCount[] = [];
    try {
      for (const mount of mounts) {
        for (const { name: pool } of this.#world.topology.pools) {
          const queued = await this.#queued(mount, pool);
          if (queued.length > 0) counts.push({ pool, changes: queued.length, phones: 0 });
        }
      }
      this.#counts = counts;
    } catch {
      // As last counted.
    }
  }

  counts(): readonly QueuedCount[] {
    return this.#counts;
  }

  hasChanges(pool: PoolName): boolean {
    return this.#counts.some((each) => each.pool === pool && each.changes > 0);
  }

  /** In full service: one that is there already is not made again (E13). */
  make(mount: RoleMount, id: string): Promise<ChangeOutcome> {
    return this.#tell('done', mount, madeRow, (before) => {
      const made = readMade(before);
      if (made.order.includes(id)) return writeMade(made);
      return writeMade({ ...made, order: [...made.order, id] });
    });
  }

  enqueue(own: RoleMount, pool: PoolName, id: string): Promise<ChangeOutcome> {
    return this.#tell('queued', own, queueRow(pool), (before) => {
      const queue = readQueued(before);
      return (queue.includes(id) ? queue : [...queue, id]).join(' ');
    });
  }

  /** The oldest (Q2); they stay until it is said that they were applied (Q4). */
  async read(pool: PoolName, mounts: readonly RoleMount[]): Promise<QueuedBatch> {
    const { faults } = this.#world;
    for (const mount of mounts) {
      const all = await this.#queued(mount, pool);
      const queued = faults.has('Q2') ? all.slice(-batchMax) : all.slice(0, batchMax);
      if (queued.length === 0) continue;
      const done = { changes: queued, bindings: [] };
      if (faults.has('Q4')) await this.clear(pool, done, mounts);
      const changes = queued.map((id) => {
        const [userId = ''] = id.split('.');
        return { id, userId, kind: 'message' as const, body: {}, queuedAtMs: 0 };
      });
      return { changes, bindings: [] };
    }
    return { changes: [], bindings: [] };
  }

  /** Q1: that it was applied is written with it. */
  async apply(mount: RoleMount, { changes }: QueuedBatch): Promise<QueuedDone> {
    const isForgetful = this.#world.faults.has('Q1');
    await this.#write(mount, madeRow, (before) => {
      const made = readMade(before);
      const ids = changes.map(({ id }) => id);
      const fresh = ids.filter((id) => isForgetful || !made.applied.includes(id));
      // What was made directly before stands already; forgetfulness does not show there.
      const direct = made.order.filter((id) => !made.applied.includes(id));
      const missing = fresh.filter((id) => isForgetful || !direct.includes(id));
      return writeMade({
        order: [...made.order, ...missing],
        applied: isForgetful ? made.applied : [...made.applied, ...fresh],
      });
    });
    return { changes: changes.map(({ id }) => id), bindings: [] };
  }

  async clear(
    pool: PoolName,
    { changes }: QueuedDone,
    mounts: readonly RoleMount[],
  ): Promise<void> {
    for (const mount of mounts) {
      const queued = await this.#queued(mount, pool);
      if (!queued.some((id) => changes.includes(id))) continue;
      await this.#write(mount, queueRow(pool), (before) =>
        readQueued(before)
          .filter((id) => !changes.includes(id))
          .join(' '),
      );
    }
  }

  async #queued({ dataset }: RoleMount, pool: PoolName): Promise<readonly string[]> {
    return readQueued(await this.#engineOf(dataset)?.read(dataset, queueRow(pool)));
  }

  async #write(
    { dataset, generation }: RoleMount,
    row: string,
    change: (before: string | undefined) => string,
  ): Promise<void> {
    const engine = this.#engineOf(dataset);
    if (engine === undefined) throw new EngineRefusedError(`there is no copy of ${dataset} here`);
    const tookMs = this.#world.chance.integer(1, 15);
    await engine.write({ dataset, generation, row, value: change, tookMs });
  }

  /** What a client is told of a write. */
  async #tell(
    told: 'done' | 'queued',
    mount: RoleMount,
    row: string,
    change: (before: string | undefined) => string,
  ): Promise<ChangeOutcome> {
    try {
      await this.#write(mount, row, change);
      return told;
    } catch (error) {
      if (error instanceof EngineRefusedError) return 'refused';
      if (error instanceof StoreDownError) return 'unknown';
      throw error;
    }
  }
}
