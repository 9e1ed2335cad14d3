import assert from 'node:assert/strict';
import {
  databaseOf,
  findMissing,
  findNowhere,
  findServingStore,
  keepTrespassing,
  type KeptWrite,
  poolCopiesOf,
  tryRawWrite,
  withDatabase,
} from '@understudy/drill';
import type { Sites } from '../sites/open-sites.ts';
import { waitServed, type Writers } from './start-writers.ts';

/**
 * A stranger at every copy who looks at its gate and tries to write past the product all the
 * while, and the account of what users were told.
 */
export class CopyWatch {
  readonly #sites: Sites;
  readonly #writers: Writers;
  readonly #generations = new Map<string, Set<number>>();
  readonly #stopping = new AbortController();
  readonly #loops: readonly Promise<void>[];
  /** Lost by force, and said so; they must be merged, listed, or set aside. */
  readonly #lost = new Map<string, KeptWrite>();

  constructor(sites: Sites, writers: Writers) {
    this.#sites = sites;
    this.#writers = writers;
    this.#loops = this.#places().map((place) =>
      keepTrespassing(this.#trespass(place), this.#stopping.signal),
    );
  }

  /** Nobody has seen two writers so far. */
  assertOneWriter(): void {
    assert.deepEqual(this.#writers.ledger.evidence.contradictions(), []);
  }

  /**
   * Every pool is served, exactly one gate of each dataset is open, only there a raw write is
   * taken, and what was acknowledged is there.
   */
  async assertWhole(): Promise<void> {
    await waitServed(this.#writers);
    for (const copies of poolCopiesOf(this.#sites.topology)) {
      const serving = await findServingStore(this.#sites, copies);
      assert.deepEqual(await this.#takers(copies), [serving]);
    }
    const missing = await this.#findMissing();
    assert.deepEqual(missing, [], 'acknowledged, and not on the serving copy');
    this.assertOneWriter();
  }

  /** After a pool's forced move: what is missing there by now is remembered as lost. */
  async accept(pool: string): Promise<void> {
    for (const write of await this.#findMissing(pool)) this.#lost.set(write.id, write);
  }

  /** Whatever was lost by force was merged since, or is listed, or lies set aside. */
  async assertAccounted(): Promise<void> {
    const missing = await findMissing(this.#accounting(), Date.now());
    const lost = missing.filter(({ id }) => this.#lost.has(id));
    const nowhere = await findNowhere(this.#accounting(), lost);
    assert.deepEqual(nowhere, [], 'acknowledged, and neither served, nor listed, nor set aside');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #findMissing(pool?: string): Promise<readonly KeptWrite[]> {
    const missing = await findMissing(this.#accounting(pool), Date.now());
    return missing.filter(({ id }) => !this.#lost.has(id));
  }

  /** Stores that take a raw write under any of the newest generations. */
  async #takers({ dataset, stores }: { dataset: string; stores: readonly string[] }) {
    const takers: string[] = [];
    for (const place of this.#places()) {
      if (place.dataset !== dataset || !stores.includes(place.store)) continue;
      const at = { stores: this.#sites, store: place.store, database: databaseOf(dataset) };
      const newest = [...(this.#generations.get(dataset) ?? [])].sort((a, b) => b - a).slice(0, 3);
      const taken = await withDatabase(at, async (client) => {
        const tries: boolean[] = [];
        for (const generation of newest) {
          tries.push(await tryRawWrite(client, this.#trespass(place), generation));
        }
        return tries.includes(true);
      });
      if (taken === true) takers.push(place.store);
    }
    return takers;
  }

  #places() {
    return poolCopiesOf(this.#sites.topology).flatMap(({ pool, dataset, stores }) =>
      stores.map((store) => ({ pool, dataset, store })),
    );
  }

  #trespass(place: { pool: string; dataset: string; store: string }) {
    const { ledger } = this.#writers;
    return { stores: this.#sites, ledger, generations: this.#generations, place };
  }

  #accounting(only?: string) {
    const { ledger } = this.#writers;
    const pools = poolCopiesOf(this.#sites.topology).filter(({ pool }) => pool === (only ?? pool));
    return { stores: this.#sites, ledger, pools };
  }
}
