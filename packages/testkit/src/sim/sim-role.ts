import {
  asStore,
  type DatasetName,
  type PoolName,
  type QueuedBatch,
  type QueuedDone,
  type RoleAssignment,
  type RoleLimited,
  type RoleMount,
  type RoleReport,
  type ServerName,
} from '@understudy/core';
import {
  type Clock,
  EngineRefusedError,
  type RoleControl,
  StoreDownError,
} from '@understudy/ports';
import type { FakeEngine } from '@understudy/ports/fake';
import { type ChangeOutcome, SimQueues } from './limited/sim-queues.ts';
import { Life } from './mortal.ts';
import type { SimWorld } from './sim-world.ts';

/** `acknowledged` with the generation that it was written under. */
export type WriteOutcome = { readonly acknowledged: number } | 'refused' | 'unknown';
export type ReadOutcome =
  | {
      readonly generation: number;
      readonly value: string | undefined;
      /** When this mount's deadline was last moved on, in true time. */
      readonly grantedMs: number;
    }
  | 'refused';

/** The roles' process of one simulated server: it knows what its assignment says, no more. */
export class SimRole implements RoleControl {
  readonly #world: SimWorld;
  readonly #server: ServerName;
  readonly #clock: Clock;
  readonly #engineOf: (dataset: DatasetName) => FakeEngine | undefined;
  readonly #queues: SimQueues;
  #assignment: RoleAssignment | undefined;
  #grantedMs = 0;
  #life = 0;
  readonly #process = new Life();
  isUp = true;

  constructor(
    world: SimWorld,
    server: ServerName,
    engineOf: (dataset: DatasetName) => FakeEngine | undefined,
  ) {
    this.#world = world;
    this.#server = server;
    this.#clock = world.clockOf(server);
    this.#engineOf = engineOf;
    this.#queues = new SimQueues(world, engineOf);
  }

  async assign(assignment: RoleAssignment): Promise<RoleReport> {
    await this.#answering();
    const known = this.#assignment;
    const isOld = known?.agentLife === assignment.agentLife && known.number > assignment.number;
    if (!isOld) this.#take(assignment);
    await this.#queues.look(
      (this.#assignment?.mounts ?? []).filter((each) => this.#isInTime(each)),
    );
    return this.#said();
  }

  #take(assignment: RoleAssignment): void {
    const before = this.#assignment?.mounts.map(({ deadlineMs }) => deadlineMs) ?? [];
    const isLater = assignment.mounts.some(({ deadlineMs }) => !before.includes(deadlineMs));
    if (isLater) this.#grantedMs = this.#world.clock.bootMs();
    this.#assignment = assignment;
  }

  async report(): Promise<RoleReport> {
    await this.#answering();
    return this.#said();
  }

  #said(): RoleReport {
    const pools = (this.#assignment?.pools ?? []).map(({ pool }) => {
      const limited = this.#limited(pool);
      return {
        pool,
        isServing: this.#serving(pool) !== undefined,
        groups: this.#mountOf(pool)?.routingGroups ?? [],
        ...(limited !== undefined && { limitedSinceMs: limited.sinceMs }),
      };
    });
    return { role: 'registrar', isUp: true, pools, queued: this.#queues.counts() };
  }

  async hydrate({ groups }: Parameters<RoleControl['hydrate']>[0]) {
    await this.#answering();
    return groups.map((group) => ({ group, users: 1 }));
  }

  async readQueue({ pool }: { pool: PoolName }): Promise<QueuedBatch> {
    await this.#answering();
    return await this.#queues.read(pool, this.#mountsBeside(pool));
  }

  async applyQueued({ pool, batch }: { pool: PoolName; batch: QueuedBatch }): Promise<QueuedDone> {
    await this.#answering();
    const mount = this.#serving(pool);
    if (mount === undefined) throw new Error(`pool ${pool} is not served on ${this.#server}`);
    const done = await this.#queues.apply(mount, batch);
    if (this.#isInTime(mount)) return done;
    throw new Error(`the right to serve ${pool} ended meanwhile`);
  }

  async clearQueue({ pool, done }: { pool: PoolName; done: QueuedDone }): Promise<void> {
    await this.#answering();
    await this.#queues.clear(pool, done, this.#mountsBeside(pool));
  }

  async prepare(): Promise<void> {
    await this.#answering();
  }

  async reset(): Promise<void> {
    await this.#answering();
  }

  crash(): void {
    this.isUp = false;
    this.#life++;
    this.#assignment = undefined;
    this.resume();
  }

  start(): void {
    this.isUp = true;
  }

  /** SIGSTOP: what stores answer meanwhile is read when it goes on. */
  stall(): void {
    if (this.isUp) this.#process.stall();
  }

  resume(): void {
    this.#process.resume();
  }

  /** What a user's write meets here. `acknowledged` only after COMMIT and before the deadline. */
  async write(pool: PoolName, row: string, value: string): Promise<WriteOutcome> {
    await this.#process.stalled;
    const mount = this.#serving(pool);
    if (!this.isUp || mount === undefined) return 'refused';
    const engine = this.#engineAt(mount);
    if (!engine) return 'refused';
    const life = this.#life;
    const tookMs = this.#world.chance.integer(1, 15);
    const { dataset, generation } = mount;
    try {
      await engine.write({ dataset, generation, row, value, tookMs });
    } catch (error) {
      if (error instanceof EngineRefusedError) return 'refused';
      if (error instanceof StoreDownError) return 'unknown';
      throw error;
    }
    await this.#process.stalled;
    if (this.#life !== life || !this.#isInTime(mount)) return 'unknown';
    return { acknowledged: generation };
  }

  /** What a user who asks is told: from a mount, and before its deadline (E12). */
  async read(pool: PoolName, row: string): Promise<ReadOutcome> {
    await this.#process.stalled;
    const mount = this.#serving(pool);
    const engine = mount && this.#engineAt(mount);
    if (!this.isUp || mount === undefined || engine === undefined) return 'refused';
    const life = this.#life;
    try {
      const value = await engine.read(mount.dataset, row);
      await this.#process.stalled;
      if (this.#life !== life || !this.#isInTime(mount)) return 'refused';
      return { generation: mount.generation, value, grantedMs: this.#grantedMs };
    } catch {
      return 'refused';
    }
  }

  /** What a user's lasting change meets here: it is made, or queued in limited mode. */
  async change(pool: PoolName, id: string): Promise<ChangeOutcome> {
    await this.#process.stalled;
    if (!this.isUp) return 'refused';
    const life = this.#life;
    const mount = this.#serving(pool);
    const isMerging = this.#assignment?.pools.find((each) => each.pool === pool)?.isMerging;
    if (mount !== undefined) {
      if (isMerging === true) return 'refused';
      const made = await this.#queues.make(mount, id);
      await this.#process.stalled;
      const counts = made !== 'done' || (this.#life === life && this.#isInTime(mount));
      return counts ? made : 'unknown';
    }
    const limited = this.#limited(pool);
    const own = this.#assignment?.mounts.find(({ dataset }) => dataset === limited?.queueIn);
    if (limited === undefined || own === undefined || !this.#isInTime(own)) return 'refused';
    // Once home serves again changes are made there, save while older ones wait here.
    if (limited.state === 'returning' && !this.#queues.hasChanges(pool)) return 'refused';
    const queued = await this.#queues.enqueue(own, pool, id);
    await this.#process.stalled;
    const counts = queued !== 'queued' || (this.#life === life && this.#isInTime(own));
    return counts ? queued : 'unknown';
  }

  isLimited(pool: PoolName): boolean {
    return this.#limited(pool) !== undefined;
  }

  /** The pool's mount, while its users may be answered from it. */
  #serving(pool: PoolName): RoleMount | undefined {
    const isServing = this.#assignment?.pools.some((each) => each.pool === pool && each.isServing);
    const mount = this.#mountOf(pool);
    return isServing === true && mount !== undefined && this.#isInTime(mount) ? mount : undefined;
  }

  #limited(pool: PoolName): RoleLimited | undefined {
    const limited = this.#assignment?.limited?.find((each) => each.pool === pool);
    return limited !== undefined && this.#isInTime(limited) ? limited : undefined;
  }

  #mountsBeside(pool: PoolName): readonly RoleMount[] {
    const mounts = this.#assignment?.mounts ?? [];
    return mounts.filter((mount) => mount.pool !== pool && this.#isInTime(mount));
  }

  /** Of the store that the mount's address names, as far as it can be reached from here. */
  #engineAt({ dataset, url }: RoleMount): FakeEngine | undefined {
    const { host } = new URL(url);
    const own = this.#engineOf(dataset);
    if (own?.store === host) return own;
    const server = this.#world.serverOf(asStore(host));
    return this.#world.canTalk(this.#server, server)
      ? this.#world.engines.get(asStore(host))
      : undefined;
  }

  #isInTime(mount: RoleMount): boolean {
    return this.#clock.bootMs() < mount.deadlineMs || this.#world.faults.has('E12');
  }

  #mountOf(pool: PoolName): RoleMount | undefined {
    return this.#assignment?.mounts.find((mount) => mount.pool === pool);
  }

  /** A process that stalls answers when it goes on. */
  async #answering(): Promise<void> {
    await this.#process.stalled;
    this.#demandUp();
  }

  #demandUp(): void {
    if (!this.isUp) throw new Error(`the roles of ${this.#server} do not answer`);
  }
}
