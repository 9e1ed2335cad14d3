import assert from 'node:assert/strict';
import { asPool } from '@understudy/core';
import { databaseOf, poolCopiesOf, withDatabase } from '@understudy/drill';
import { defaultTopologyText } from '@understudy/api';
import { KillStage } from '../kill/stage.ts';
import { openSites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { type Part, signalParts } from '../votes/stop-processes.ts';
import { type Readers, startReaders } from './start-readers.ts';
import {
  type ClocksOptions,
  openSteppedClocks,
  type Program,
  type Site,
  type SteppedClocks,
} from './stepped-clocks.ts';

/** By how much the wall clocks of programs are set off, in milliseconds; others go right. */
export type WallClocks = Readonly<Partial<Record<Site, Partial<Record<Program, number>>>>>;

const sites: readonly Site[] = ['east', 'west'];
const programs: readonly Program[] = ['node', 'postgres'];
const everything: readonly Part[] = ['agent', 'roles', 'PostgreSQL'];
/** The least, here: one return after the other is begun, and PostgreSQL waited for. */
const limits = 'limits:\n  quietBeforeReturnMs: 5000\n  unconnectedMs: 10000\n';

/**
 * A deployment whose clocks are set while users write at both sites of each pool, readers ask pool
 * east's home alone, and strangers try to write at every copy.
 */
export class ClocksStage {
  readonly stage: KillStage;
  readonly #clocks: SteppedClocks;
  readonly #readers: Readers;
  /** How long each site has slept, which its monotonic clocks do not count. */
  readonly #sleptMs = new Map<Site, number>();
  readonly #asleepSinceMs = new Map<Site, number>();

  private constructor(stage: KillStage, clocks: SteppedClocks, readers: Readers) {
    this.stage = stage;
    this.#clocks = clocks;
    this.#readers = readers;
  }

  static async open(options?: ClocksOptions): Promise<ClocksStage> {
    const clocks = await openSteppedClocks(options);
    let stage: KillStage | undefined;
    try {
      const all = await openSites({
        topologyText: `${defaultTopologyText()}${limits}`,
        within: (server) => {
          const site = siteOf(server);
          return [...clocks.within(site), `UNDERSTUDY_PG_BIN=${clocks.programs(site)}`];
        },
      });
      stage = await KillStage.on(all, { isAskingBothSides: true });
      return new ClocksStage(stage, clocks, await startReaders(all, 'east'));
    } catch (error) {
      await stage?.close();
      await clocks[Symbol.asyncDispose]();
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.#readers[Symbol.asyncDispose]();
      await this.stage.close();
    } finally {
      await this.#clocks[Symbol.asyncDispose]();
    }
  }

  async setWallClocks(wanted: WallClocks): Promise<void> {
    for (const site of sites) {
      for (const program of programs) {
        const aheadMs = wanted[site]?.[program] ?? 0;
        await this.#clocks.set({ site, program, clock: 'wall' }, aheadMs);
      }
    }
  }

  /** How far the wall clocks of a site are ahead of this process's, as the site itself says. */
  async wallClocksAheadMs(site: Site): Promise<Record<Program, number>> {
    const { agents } = await this.stage.sites.clientOf(`${site}-1`).status();
    const report = agents.find(({ server }) => server === `${site}-1`);
    const database = databaseOf(`users-${site}`);
    const target = { stores: this.stage.sites, store: `${site}-store`, database };
    const said = await withDatabase(target, async (client) => {
      const sql = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS "atMs"';
      return (await client.query<{ atMs: number }>(sql)).rows[0]?.atMs;
    });
    assert.ok(report !== undefined && said !== undefined);
    return { node: report.atMs - Date.now(), postgres: said - Date.now() };
  }

  /** Every process of a site stands still, and its monotonic clocks do. */
  async suspend(site: Site): Promise<void> {
    await signalParts(this.stage.sites, site, { signal: 'SIGSTOP', parts: everything });
    this.#asleepSinceMs.set(site, performance.now());
  }

  /** The whole site goes on, those named first alone until `meanwhile` is done. */
  async wake(
    site: Site,
    { first = [], meanwhile }: { first?: readonly Part[]; meanwhile?: () => Promise<void> } = {},
  ): Promise<void> {
    const sinceMs = this.#asleepSinceMs.get(site);
    if (sinceMs === undefined) return;
    const sleptMs = (this.#sleptMs.get(site) ?? 0) + performance.now() - sinceMs;
    for (const program of programs) {
      const at = { site, program, clock: 'monotonic' } as const;
      await this.#clocks.set(at, -Math.floor(sleptMs));
    }
    this.#sleptMs.set(site, sleptMs);
    this.#asleepSinceMs.delete(site);
    try {
      await signalParts(this.stage.sites, site, { signal: 'SIGCONT', parts: first });
      await meanwhile?.();
    } finally {
      await signalParts(this.stage.sites, site, { signal: 'SIGCONT', parts: everything });
    }
  }

  /** East's roles run: they answer somebody with something. */
  async rolesAnswer(): Promise<void> {
    const server = this.stage.sites.topology.servers.find(({ name }) => name === 'east-1');
    const url = `http://${server?.address}:${server?.ports.users}/v1/contacts`;
    await waitFor('that the roles of east answer', async () => {
      const { status } = await fetch(url, { redirect: 'manual' });
      return status > 0 ? true : undefined;
    });
  }

  /** E12: nobody was read a mailbox of pool east at its home after this moment. */
  assertNotReadAtHomeSince(momentMs: number): void {
    const lastMs = this.#readers.lastReadMs();
    assert.ok(lastMs < momentMs, `a mailbox was read out ${lastMs - momentMs} ms too late`);
  }

  /** Mailboxes of pool east are read out at its home. */
  async readAtHome(): Promise<void> {
    const sinceMs = performance.now();
    await waitFor('that the home of pool east reads out a mailbox', () =>
      this.#readers.lastReadMs() > sinceMs ? true : undefined,
    );
  }

  /** Longer than any lease lives without being renewed: whatever was to happen has begun. */
  async outlast(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, 1.2 * this.stage.sites.topology.limits.leaseMs);
    });
  }

  /** Generations by which the pools' datasets are mounted, as every gate that is open says. */
  async openGates(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { pool, dataset, stores } of poolCopiesOf(this.stage.sites.topology)) {
      for (const store of stores) {
        const target = { stores: this.stage.sites, store, database: databaseOf(dataset) };
        const generation = await withDatabase(target, async (client) => {
          const { rows } = await client.query<{ generation: string }>(
            `SELECT generation FROM understudy.gate
              WHERE valid_until_ms > understudy.clock_ms()
                    AND postmaster_started = pg_postmaster_start_time()`,
          );
          return rows[0]?.generation;
        });
        if (generation !== undefined) found.push(`${pool} at ${store}: ${generation}`);
      }
    }
    return found;
  }

  /** Everything is well again, and what anybody was told is accounted for. */
  async whole(): Promise<void> {
    await this.stage.settle();
    await this.stage.watch.assertWhole();
    await this.stage.watch.assertAccounted();
  }

  /** The same, with pool east at its home. */
  async goHome(): Promise<void> {
    await this.whole();
    await this.stage.rest(asPool('east'), 'active');
    await this.stage.watch.assertWhole();
  }
}

function siteOf(server: string): Site {
  const site = sites.find((each) => server.startsWith(each));
  if (site === undefined) throw new Error(`${server} stands at no site`);
  return site;
}
