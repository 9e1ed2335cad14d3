import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorApiError } from '@understudy/api';
import type { RunRow } from '@understudy/core';
import type { CopyWatch } from '../proof/watch-copies.ts';
import { bounds } from '../sites/bounds.ts';
import type { Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { type Death, readDeaths, wordsOfDeath, writeDeaths } from './death.ts';

/** Who goes on with the run after its leader's death. */
export type ResumedBy =
  /** The killed agent, started again, by itself. */
  | 'restart'
  /** The other side's, by an operator's word, while the killed agent is down. */
  | 'other side';

export type KilledRun = {
  readonly leader: string;
  readonly runbook: string;
  /** In the order in which they come true. */
  readonly deaths: readonly Death[];
  readonly resumedBy: ResumedBy;
  /** Makes the run begin. Its answer may be lost: the leader dies. */
  readonly begin: () => Promise<unknown>;
};

/** Lets a run begin, kills its leader at each place, and sees the run to its end. */
export async function performKilled(
  sites: Sites,
  watch: CopyWatch,
  killed: KilledRun,
): Promise<RunRow> {
  const agent = sites.agent(killed.leader);
  const before = new Set((await sites.client.listRuns()).runs.map(({ id }) => `${id}`));
  writeDeaths(agent.deathFile, killed.deaths);
  const begun = killed.begin().catch((error: unknown) => error);
  for (const death of killed.deaths) {
    await waitDeath(sites, killed, { death, begun, before });
    watch.assertOneWriter();
    if (killed.resumedBy === 'other side') await resumeElsewhere(sites, killed, before);
    await agent.start();
  }
  const id = await findRun(sites, killed.runbook, before);
  const row = await seeToItsEnd(sites, id);
  watch.assertOneWriter();
  return row;
}

type Waiting = {
  readonly death: Death;
  readonly begun: Promise<unknown>;
  readonly before: ReadonlySet<string>;
};

async function waitDeath(
  sites: Sites,
  { leader, runbook }: KilledRun,
  { death, begun, before }: Waiting,
): Promise<void> {
  const agent = sites.agent(leader);
  const refused = begun.then((answer) => {
    if (answer instanceof OperatorApiError) throw answer;
  });
  refused.catch(() => undefined);
  const isNext = () =>
    readDeaths(agent.deathFile).some((each) => wordsOfDeath(each) === wordsOfDeath(death));
  const ended = () => (isNext() ? undefined : agent.endedBy);
  const died = waitFor(wordsOfDeath(death), ended, bounds.deathMs);
  const endedBy = await Promise.race([died, refused.then(() => died)]).catch(
    async (error: unknown) => {
      const runs = await sites.client.listRuns().catch(() => undefined);
      const run = runs?.runs.find((each) => each.runbook === runbook && !before.has(each.id));
      const refusals = error instanceof OperatorApiError ? error.refusals : [];
      const why = refusals.map((each) => each.why).join('; ');
      throw new Error(
        `${wordsOfDeath(death)} was not reached: ${(error as Error).message} ${why}; ` +
          `the run is ${run?.state ?? 'unknown'}: ${run?.why ?? ''}`,
      );
    },
  );
  if (endedBy !== 'SIGKILL') {
    throw new Error(`${leader} ended by ${endedBy} and not at ${wordsOfDeath(death)}`);
  }
}

/** Another agent takes the run over as soon as it has noticed that its leader is silent. */
async function resumeElsewhere(
  sites: Sites,
  { leader, runbook }: KilledRun,
  before: ReadonlySet<string>,
): Promise<void> {
  const { servers } = sites.topology;
  const site = servers.find(({ name }) => name === leader)?.site;
  const other = servers.find((server) => server.site !== site)?.name ?? leader;
  const client = sites.clientOf(other);
  await waitFor(`that ${other} takes the run over`, async () => {
    const { runs } = await client.listRuns();
    const run = runs.find((each) => each.runbook === runbook && !before.has(each.id));
    return run === undefined ? undefined : await client.resumeRun(run.id);
  });
}

async function findRun(sites: Sites, runbook: string, before: ReadonlySet<string>) {
  return await waitFor(`a run of ${runbook}`, async () => {
    const { runs } = await sites.client.listRuns();
    return runs.find((each) => each.runbook === runbook && !before.has(each.id))?.id;
  });
}

/**
 * Waits until the run has succeeded, or was rolled back or cancelled. One that failed past its
 * point of no return is resumed as an operator would.
 */
export async function seeToItsEnd(sites: Sites, id: string): Promise<RunRow> {
  for (let resumes = 0; ; resumes++) {
    const row = await waitFor(
      `the end of run ${id}`,
      async () => {
        const found = (await sites.client.showRun(id)).row;
        if (!isOver(found.state)) throw new Error(`it is ${found.state}: ${found.why}`);
        return found as RunRow;
      },
      bounds.runMs,
    );
    if (row.state !== 'failed') return row;
    if (await isRolledBack(sites, id)) return row;
    if (resumes >= bounds.resumesMax) throw new Error(`run ${id} fails for good: ${row.why}`);
    await sleep(bounds.resumeAgainMs);
  }
}

const isOver = (state: string): boolean =>
  ['succeeded', 'failed', 'refused', 'cancelled'].includes(state);

/** Resumes it, if that is not refused because everything was undone. */
async function isRolledBack(sites: Sites, id: string): Promise<boolean> {
  return await waitFor(`that run ${id} is resumed`, async () => {
    try {
      await sites.client.resumeRun(id);
      return false;
    } catch (error) {
      const { row, journal } = await sites.client.showRun(id);
      if (journal.some(({ step, event }) => step === 'run' && event === 'undone')) return true;
      if (!isOver(row.state)) return false; // Somebody has resumed it already.
      throw error;
    }
  });
}
