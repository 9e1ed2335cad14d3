import { asPool, poolRecordOf, type RunRow } from '@understudy/core';
import type { RunRequestBody } from '@understudy/api';
import type { WriteLedger } from '@understudy/drill';
import {
  startWriters,
  waitServed,
  type Writers,
  type WritersOptions,
} from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { openSites, type Sites, type SitesOptions, waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { quoteFor } from '../moves/force.ts';
import { type Death, writeDeaths } from './death.ts';
import { performKilled, type ResumedBy, seeToItsEnd } from './perform-killed.ts';

/** One deployment that lives through many kills, with its writers and its watch. */
export class KillStage {
  readonly sites: Sites;
  readonly watch: CopyWatch;
  readonly #writers: Writers;

  private constructor(sites: Sites, writers: Writers) {
    this.sites = sites;
    this.#writers = writers;
    this.watch = new CopyWatch(sites, writers);
  }

  static async open(options?: SitesOptions): Promise<KillStage> {
    return await KillStage.on(await openSites(options));
  }

  static async on(sites: Sites, options?: WritersOptions): Promise<KillStage> {
    try {
      return new KillStage(sites, await startWriters(sites, options));
    } catch (error) {
      await sites[Symbol.asyncDispose]();
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.watch.stop();
      await this.#writers[Symbol.asyncDispose]();
    } finally {
      await this.sites[Symbol.asyncDispose]();
    }
  }

  /** What was acknowledged to anybody so far. */
  get ledger(): WriteLedger {
    return this.#writers.ledger;
  }

  /** Brings the pool into a resting state without killing anybody, where it is not there yet. */
  async rest(pool: string, state: 'active' | 'failedOver'): Promise<void> {
    await this.settle();
    const { decisions } = await this.sites.client.status();
    const now = poolRecordOf(decisions as never, asPool(pool))?.state ?? 'active';
    if (now === state) return;
    const runbook = state === 'active' ? 'pool-failback' : 'pool-failover';
    const { run } = await this.sites.client.startRun({ runbook, pool: asPool(pool) });
    await seeToItsEnd(this.sites, run);
    await this.settle();
  }

  /** Waits until users of the pool write. */
  async served(pool: string): Promise<void> {
    await waitServed(this.#writers, pool);
  }

  /** Every agent runs, every copy is well, and no run is unfinished. */
  async settle(): Promise<void> {
    const { topology, client } = this.sites;
    for (const { name } of topology.servers) {
      const agent = this.sites.agent(name);
      writeDeaths(agent.deathFile, []);
      await agent.start();
    }
    await waitWell(this.sites);
    await waitFor('that no run is unfinished', async () => {
      const { runs } = await client.listRuns();
      const left = runs.filter(({ state }) => state === 'running');
      if (left.length > 0) throw new Error(left.map(({ id, why }) => `${id}: ${why}`).join('; '));
      return true;
    });
  }

  /** A planned run whose leader dies once, seen to its end; then everything is checked. */
  async planned(
    request: RunRequestBody,
    given: {
      readonly leader: string;
      readonly deaths: readonly Death[];
      readonly resumedBy: ResumedBy;
    },
  ): Promise<void> {
    const begin = () => this.sites.client.startRun(request);
    await performKilled(this.sites, this.watch, { ...given, runbook: request.runbook, begin });
    await this.settle();
    await this.watch.assertWhole();
  }

  /** The other site is dead; the loss is quoted, accepted and, after the return, found again. */
  async forced(
    request: Pick<RunRequestBody, 'runbook' | 'pool'>,
    { leader, dead, deaths }: { leader: string; dead: string; deaths: readonly Death[] },
  ): Promise<void> {
    await this.sites.killServer(dead);
    const asked = { ...request, mode: 'forced', isPartnerOff: true } as const;
    const { state, why } = await this.#perform(asked, { leader, deaths });
    if (state !== 'succeeded') throw new Error(`the forced run ${state}: ${why}`);
    await waitServed(this.#writers, request.pool); // Another pool's home may be what is dead.
    await this.watch.accept(`${request.pool}`);
  }

  /**
   * A forced run without a word, while an agent is stopped: its server answers nobody, and its
   * store and registrar go on. `goOn` lets the agent go on, where it was not killed.
   */
  async stalled(
    request: Pick<RunRequestBody, 'runbook' | 'pool'>,
    given: { leader: string; stopped: string; deaths?: readonly Death[] },
  ): Promise<{ readonly row: RunRow; readonly goOn: () => void }> {
    const { leader, stopped, deaths = [] } = given;
    const { pid } = this.sites.agent(stopped);
    if (pid === undefined) throw new Error(`the agent of ${stopped} does not run`);
    const goOn = () => void process.kill(pid, 'SIGCONT');
    process.kill(pid, 'SIGSTOP');
    try {
      const row = await this.#perform({ ...request, mode: 'forced' }, { leader, deaths });
      return { row, goOn };
    } catch (error) {
      if (this.sites.agent(stopped).isRunning) goOn();
      throw error;
    }
  }

  /** Asks for a quote that can be accepted, and lets the run begin with it. */
  async #perform(
    asked: RunRequestBody,
    { leader, deaths }: { leader: string; deaths: readonly Death[] },
  ): Promise<RunRow> {
    const client = this.sites.clientOf(leader);
    const quoteId = await waitFor('a quote that can be accepted', () => quoteFor(client, asked));
    const begin = () => client.startRun({ ...asked, acceptedQuote: quoteId });
    const killed = {
      leader,
      deaths,
      runbook: asked.runbook,
      resumedBy: 'restart',
      begin,
    } as const;
    return await performKilled(this.sites, this.watch, killed);
  }

  /** A dead server's agent is started; it leads its own return, and dies of it. */
  async returned(
    server: string,
    { deaths, resumedBy }: { deaths: readonly Death[]; resumedBy: ResumedBy },
  ): Promise<void> {
    const begin = () => this.sites.agent(server).start();
    const runbook = 'site-return';
    const killed = { leader: server, runbook, deaths, resumedBy, begin };
    const { state, why } = await performKilled(this.sites, this.watch, killed);
    if (state !== 'succeeded') throw new Error(`the return ${state}: ${why}`);
    await this.settle();
    await this.watch.assertWhole();
    await this.watch.assertAccounted();
  }
}
