import type {
  DatasetName,
  PoolName,
  QueuedBatch,
  QueuedDone,
  RoleAssignment,
  RoleMount,
  RoleReport,
} from '@understudy/core';
import { EngineRefusedError, type RoleControl, StoreDownError } from '@understudy/ports';
import type { FakeEngine } from '@understudy/ports/fake';
import type { SimWorld } from './sim-world.ts';

export type WriteOutcome = 'acknowledged' | 'refused' | 'unknown';

/** The roles' process of one simulated server: it knows what its assignment says, no more. */
export class SimRole implements RoleControl {
  readonly #world: SimWorld;
  readonly #server: string;
  readonly #engineOf: (dataset: DatasetName) => FakeEngine | undefined;
  #assignment: RoleAssignment | undefined;
  #life = 0;
  isUp = true;

  constructor(
    world: SimWorld,
    server: string,
    engineOf: (dataset: DatasetName) => FakeEngine | undefined,
  ) {
    this.#world = world;
    this.#server = server;
    this.#engineOf = engineOf;
  }

  async assign(assignment: RoleAssignment): Promise<RoleReport> {
    this.#demandUp();
    const known = this.#assignment;
    const isOld = known?.agentLife === assignment.agentLife && known.number > assignment.number;
    if (!isOld) this.#assignment = assignment;
    return this.report();
  }

  async report(): Promise<RoleReport> {
    this.#demandUp();
    const pools = (this.#assignment?.pools ?? []).map(({ pool, isServing }) => ({
      pool,
      isServing,
      groups: this.#mountOf(pool)?.routingGroups ?? [],
    }));
    return { role: 'registrar', isUp: true, pools };
  }

  async hydrate({ groups }: Parameters<RoleControl['hydrate']>[0]) {
    this.#demandUp();
    return groups.map((group) => ({ group, users: 1 }));
  }

  /** The pool of the other site has no dataset in this world, so nothing is queued anywhere. */
  async readQueue(): Promise<QueuedBatch> {
    this.#demandUp();
    return { changes: [], bindings: [] };
  }

  async applyQueued(): Promise<QueuedDone> {
    this.#demandUp();
    return { changes: [], bindings: [] };
  }

  async clearQueue(): Promise<void> {
    this.#demandUp();
  }

  async prepare(): Promise<void> {
    this.#demandUp();
  }

  async reset(): Promise<void> {
    this.#demandUp();
  }

  crash(): void {
    this.isUp = false;
    this.#life++;
    this.#assignment = undefined;
  }

  /** What a user's write meets here. `acknowledged` only after COMMIT and before the deadline. */
  async write(pool: PoolName, row: string, value: string): Promise<WriteOutcome> {
    const mount = this.#mountOf(pool);
    const isServing = this.#assignment?.pools.some((each) => each.pool === pool && each.isServing);
    if (!this.isUp || !mount || !isServing || !this.#isInTime(mount)) return 'refused';
    const engine = this.#engineOf(mount.dataset);
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
    if (this.#life !== life || !this.#isInTime(mount)) return 'unknown';
    return 'acknowledged';
  }

  #isInTime(mount: RoleMount): boolean {
    return this.#world.clock.bootMs() < mount.deadlineMs;
  }

  #mountOf(pool: PoolName): RoleMount | undefined {
    return this.#assignment?.mounts.find((mount) => mount.pool === pool);
  }

  #demandUp(): void {
    if (!this.isUp) throw new Error(`the roles of ${this.#server} do not answer`);
  }
}
