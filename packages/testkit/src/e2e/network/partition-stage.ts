import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { databaseOf, forcedRequest, nowMs, poolCopiesOf, withDatabase } from '@understudy/drill';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import { KillStage } from '../kill/stage.ts';
import { quoteFor } from '../moves/force.ts';
import { waitFor } from '../sites/wait-for.ts';
import type { Cut, Place } from './network.ts';
import { type NetworkSites, openNetworkSites } from './open-network-sites.ts';
import { startUsersAt, type UsersAt } from './start-users-at.ts';
import { dropVotes } from '../sites/without-votes.ts';

export type Site = Exclude<Place, 'witness'>;

export const otherOf = (site: Site): Site => (site === 'east' ? 'west' : 'east');

/** Both directions of a cable. */
export const cable = (one: Place, other: Place): readonly Cut[] => [
  [one, other],
  [other, one],
];

/**
 * A deployment over networks that are cut, with users who ask both sides of every pool all the
 * time, outside and at each site, and strangers who try to write at every copy.
 */
export class PartitionStage {
  readonly stage: KillStage;
  readonly #at: NetworkSites;
  readonly #usersAt = new Map<Site, UsersAt>();

  private constructor(at: NetworkSites, stage: KillStage) {
    this.#at = at;
    this.stage = stage;
  }

  static async open(): Promise<PartitionStage> {
    const at = await openNetworkSites();
    let opened: PartitionStage | undefined;
    try {
      const stage = await KillStage.on(at.sites, { isAskingBothSides: true });
      opened = new PartitionStage(at, stage);
      for (const place of ['east', 'west'] as const) await opened.#placeUsers(place);
      return opened;
    } catch (error) {
      await (opened === undefined ? at[Symbol.asyncDispose]() : opened.close());
      throw error;
    }
  }

  async #placeUsers(place: Site): Promise<void> {
    const { sites, network } = this.#at;
    const { ledger } = this.stage;
    const within = network.within(place);
    this.#usersAt.set(place, await startUsersAt({ sites, place, within, ledger }));
  }

  /** Users of the site's own pool who stand there had a write begun and done since. */
  isServedAt(site: Site, sinceMs: number): boolean {
    return this.#usersAt.get(site)?.isServed(site, sinceMs) === true;
  }

  /** Waits for that. */
  async servedAt(site: Site): Promise<void> {
    const sinceMs = nowMs();
    await waitFor(`that users at ${site} are served there`, () =>
      this.isServedAt(site, sinceMs) ? true : undefined,
    );
  }

  async close(): Promise<void> {
    try {
      for (const users of this.#usersAt.values()) await users[Symbol.asyncDispose]();
      await this.stage.close();
    } finally {
      await this.#at[Symbol.asyncDispose]();
    }
  }

  get at(): NetworkSites {
    return this.#at;
  }

  async cut(...cuts: readonly (Cut | readonly Cut[])[]): Promise<void> {
    await this.#at.network.cut(...cuts.flatMap(listed));
  }

  /** Longer than any lease lives without being renewed: whatever was to happen has begun. */
  async outlast(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, 1.5 * this.#at.sites.topology.limits.leaseMs);
    });
  }

  /** Everything is healed; each copy is well, and what anybody was told is accounted for. */
  async heal(): Promise<void> {
    await this.#at.network.cut();
    await this.stage.settle();
    await this.stage.watch.assertWhole();
    await this.stage.watch.assertAccounted();
  }

  /** Healed, and what forced runs have lost by now is remembered: it has to be found again. */
  async settleAfterForce(): Promise<void> {
    await this.#at.network.cut();
    await this.stage.settle();
    for (const pool of ['east', 'west']) await this.stage.watch.accept(pool);
  }

  /** A pool goes home as planned, where it is not there. */
  async goHome(pool: Site): Promise<void> {
    await this.stage.rest(pool, 'active');
    await this.stage.watch.assertWhole();
  }

  /** Everything of a site ends at once, but for its PostgreSQL: that keeps its gate's row. */
  async endInOrder(site: Site): Promise<void> {
    const { sites } = this.#at;
    await sites.agent(`${site}-1`).kill();
    // As its own namespace counts them, the roles began at another time: their number has to do.
    const text = await readFile(sites.paths.server(`${site}-1`).rolesPid, 'utf8');
    process.kill(Number(text.split('\n')[0]), 'SIGKILL');
    await this.#at.stopStore(site);
  }

  /** It starts anew, booted so many seconds before this machine; its gate's time lies ahead. */
  async startAnew(site: Site, bootedSecondsAgo: number): Promise<void> {
    const { sites, network } = this.#at;
    await network.reboot(site, bootedSecondsAgo);
    await this.#at.startStore(site);
    const database = databaseOf(`users-${site}`);
    const target = { stores: sites, store: `${site}-store`, database };
    const isAhead = await withDatabase(target, async (client) => {
      const sql = 'SELECT valid_until_ms > understudy.clock_ms() AS "isAhead" FROM understudy.gate';
      return (await client.query<{ isAhead: boolean }>(sql)).rows[0]?.isAhead;
    });
    assert.equal(isAhead, true, 'nothing but the start of its PostgreSQL shuts the gate (E5)');
    await sites.agent(`${site}-1`).start();
  }

  /** From now on nobody votes: an operator's word takes the place of a majority (V6). */
  async dropVotes(): Promise<void> {
    await dropVotes(this.#at.sites);
    await this.heal();
  }

  /** Stores with an open gate for the pool's dataset, as SQL says. */
  async open(pool: Site): Promise<readonly string[]> {
    const { sites } = this.#at;
    const copies = poolCopiesOf(sites.topology).find((each) => each.pool === pool);
    const found: string[] = [];
    for (const store of copies?.stores ?? []) {
      const target = { stores: sites, store, database: databaseOf(copies?.dataset ?? '') };
      const isOpen = await withDatabase(target, async (client) => {
        const { rows } = await client.query<{ isOpen: boolean }>(
          `SELECT valid_until_ms > understudy.clock_ms()
                  AND postmaster_started = pg_postmaster_start_time() AS "isOpen"
             FROM understudy.gate`,
        );
        return rows[0]?.isOpen;
      });
      if (isOpen === true) found.push(store);
    }
    return found;
  }

  /** Waits until no gate of the pool is open anywhere. */
  async stopped(pool: Site): Promise<void> {
    await waitFor(`that nobody serves pool ${pool}`, async () => {
      const open = await this.open(pool);
      if (open.length > 0) throw new Error(open.join());
      return true;
    });
  }

  /** An operator at a site who says that the other side is off, once: what became of it. */
  async tryForce(at: Site, pool: Site): Promise<string> {
    const client = this.#at.sites.clientOf(`${at}-1`);
    const asked = forcedRequest(pool);
    try {
      const quoteId = await quoteFor(client, asked);
      const accepted = quoteId === undefined ? asked : { ...asked, acceptedQuote: quoteId };
      return `begun ${(await client.startRun(accepted)).run}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** What an operator's word does at a site that has no majority: a run that ends, and no mount. */
  async forceInVain(at: Site, pool: Site): Promise<void> {
    const { sites } = this.#at;
    const said = await this.tryForce(at, pool);
    if (said.startsWith('begun ')) {
      const id = said.slice('begun '.length);
      const client = sites.clientOf(`${at}-1`);
      const row = await waitFor(`the end of run ${id}`, async () => {
        const { row } = await client.showRun(id);
        if (row.state === 'running') throw new Error(row.why);
        return row;
      });
      assert.notEqual(row.state, 'succeeded');
    }
    assert.deepEqual(
      (await this.open(pool)).filter((store) => store.startsWith(at)),
      [],
    );
    this.stage.watch.assertOneWriter();
  }

  /** The same until it is allowed, and seen to its end: the site serves the pool. */
  async force(at: Site, pool: Site): Promise<void> {
    const run = await waitFor(`a forced run of pool ${pool} at ${at}`, async () => {
      const said = await this.tryForce(at, pool);
      if (!said.startsWith('begun ')) throw new Error(said);
      return said.slice('begun '.length);
    });
    // Whoever else is asked may be cut off, and know of no such run.
    const { sites } = this.#at;
    const here = { ...sites, client: sites.clientOf(`${at}-1`) };
    const { state, why } = await seeToItsEnd(here, run);
    assert.equal(state, 'succeeded', why);
    await this.stage.served(pool);
    this.stage.watch.assertOneWriter();
    await this.stage.watch.accept(pool);
  }
}

const listed = (cuts: Cut | readonly Cut[]): readonly Cut[] =>
  typeof cuts[0] === 'string' ? [cuts as Cut] : (cuts as readonly Cut[]);
