import {
  judgeSource,
  nextGeneration,
  noGeneration,
  type AgentReport,
  type PlannedFencing,
  type PoolPlan,
  type ServerName,
  siteRecordOf,
  type SiteRecord,
} from '@understudy/core';
import { AgentUnreachableError, OrderRefusedError } from '@understudy/ports';
import {
  defineStep,
  RefusedByRuleError,
  type RunContext,
  seconds,
} from '@understudy/runbook-engine';
import { decideRecord } from '../ask/decide-record.ts';
import { whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/**
 * Proves that each site that may still be writing is off, before anything is decided (V6). A site
 * that answers is never fenced, and what was proven in this run is not proven again. Going back
 * leaves the site as it is: nobody but a person turns it on again.
 */
export const fenceSite = defineStep<PoolPlan>({
  name: 'fence-site',
  title: titleOf('fence-site'),
  timeoutMs: ({ fencings = [] }) =>
    fencings.reduce((sum, { timeoutMs }) => sum + timeoutMs, seconds(20)),
  attemptsMax: 2,
  async isDone(context) {
    const decided = await whenAllDecided(context);
    if (decided !== undefined) return decided;
    const proofs = await Promise.all(
      fencingsOf(context).map((each) => standingProof(context, each)),
    );
    const sentences = proofs.flatMap((proof) => proof?.why ?? []);
    return sentences.length === proofs.length ? sentences.join('; ') : undefined;
  },
  async run(context) {
    const sentences: string[] = [];
    for (const fencing of fencingsOf(context)) {
      const proof = await standingProof(context, fencing);
      sentences.push(proof?.why ?? (await fence(context, fencing)));
    }
    return sentences.join('; ');
  },
  async undo(context) {
    const sites = fencingsOf(context).map(({ site }) => site);
    return `nothing was decided; site ${sites.join(', ')} stays as the fencing command left it`;
  },
});

function fencingsOf({ plan }: RunContext<PoolPlan>): readonly PlannedFencing[] {
  return plan.fencings ?? [];
}

/** What this run has proven of the site already; worth nothing once it answers again. */
async function standingProof(
  context: RunContext<PoolPlan>,
  { site, servers }: PlannedFencing,
): Promise<SiteRecord | undefined> {
  const record = await recordOf(context, site);
  if (record?.run !== context.run) return undefined;
  const isCovered = servers.every(({ name }) => record.servers.includes(name));
  if (!isCovered || (await findAnswering(context, servers)).length > 0) return undefined;
  return record;
}

async function fence(context: RunContext<PoolPlan>, fencing: PlannedFencing): Promise<string> {
  const { run, attempt, self, agentOf } = context;
  const { site, servers } = fencing;
  await refuseAnswering(context, servers, 'answers');
  const { why } = await agentOf(self)
    .obey({ kind: 'fenceSite', run, attempt, fencing })
    .catch(refuseUnproven);
  await refuseAnswering(context, servers, `is said to be off (${why}) and answers all the same`);
  const known = (await recordOf(context, site))?.generation;
  const next: SiteRecord = {
    kind: 'site',
    site,
    generation: nextGeneration(known ?? noGeneration),
    run,
    servers: servers.map(({ name }) => name),
    why,
  };
  await decideRecord(context, { next, expected: known, first: self });
  return why;
}

function refuseUnproven(error: unknown): never {
  const isUnproven = error instanceof OrderRefusedError && error.refusal.code === 'notProvenOff';
  throw isUnproven ? new RefusedByRuleError(error.message) : error;
}

async function recordOf({ agentOf, self }: RunContext<PoolPlan>, site: SiteRecord['site']) {
  return siteRecordOf((await agentOf(self).report()).decisions, site);
}

/** What answers is not shot, and nothing is taken from it before it was planned anew. */
async function refuseAnswering(
  context: RunContext<PoolPlan>,
  servers: PlannedFencing['servers'],
  how: string,
): Promise<void> {
  const answering = await findAnswering(context, servers);
  if (answering.length === 0) return;
  throw new RefusedByRuleError(`${answering.join(' and ')} ${how}; plan again, without --force`);
}

/**
 * Of these servers, those that answer, but for one whose store is down as when it was planned.
 * Asked each time: the run passes over whoever was silent once.
 */
async function findAnswering(
  context: RunContext<PoolPlan>,
  servers: PlannedFencing['servers'],
): Promise<readonly ServerName[]> {
  const reports = await Promise.all(servers.map(({ name }) => reportOf(context, name)));
  return servers
    .map(({ name }) => name)
    .filter((name, index) => {
      const report = reports[index];
      const sources = context.plan.moves.filter(({ from }) => from.server === name);
      const isTold = sources.map(({ dataset, from }) =>
        judgeSource(report, { dataset, store: from.store }),
      );
      return report !== undefined && !isTold.includes('unknown');
    });
}

async function reportOf(
  { agentOf }: RunContext<PoolPlan>,
  server: ServerName,
): Promise<AgentReport | undefined> {
  try {
    return await agentOf(server).report();
  } catch (error) {
    if (error instanceof AgentUnreachableError) return undefined;
    throw error;
  }
}
