import type { Agent } from '@understudy/agent';
import type { RunbookName, RunRequest, RunRow } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import { isAtHome, type SimDeployment } from './sim-deployment.ts';
import type { SimSite } from './sim-site.ts';
import type { SimWorld } from './sim-world.ts';

// An operator who gives orders at bad moments. Where nobody votes the other side is said to be off
// only while every process of it is dead; where there are votes, also when it is not so.

export type SimOperator = {
  /** Acts asked for so far. */
  readonly acts: () => number;
  /** From now on only what `status` would tell a person to type. */
  calmDown(): void;
};

export type OperatorKind = {
  readonly deployment: SimDeployment;
  readonly signal: AbortSignal;
  /** Between two orders. */
  readonly thinkMs?: readonly [number, number];
  /** What somebody in a hurry does; by default the moves between two sites. */
  readonly act?: (deployment: SimDeployment) => Promise<void>;
  /** What `status` would tell a person to type before runs are mended; false: there is nothing. */
  readonly mend?: (deployment: SimDeployment) => Promise<boolean>;
};

/** An agent that dies never answers: the operator's command ends after this long. */
const patienceMs = 20_000;
/** How long a site that was said to be off is kept so, looked at every `lookMs`. */
const keptOffMs = 5_000;
const lookMs = 50;
/** Somebody who sees that one side is silent tries again and again. */
const pressedMs: readonly [number, number] = [200, 900];
const usualThinkMs: readonly [number, number] = [800, 4_500];

export function startOperator(operator: OperatorKind): SimOperator {
  const { deployment, signal, thinkMs = usualThinkMs, act: actInHaste = actAtRandom } = operator;
  const state = { acts: 0, isCalm: false };
  void (async () => {
    const { clock, chance } = deployment.world;
    while (!signal.aborted) {
      await clock.sleep(chance.integer(...(isPressed(deployment) ? pressedMs : thinkMs)));
      if (signal.aborted) return;
      state.acts++;
      const bound = { ms: patienceMs, what: 'an answer to the operator' };
      const act = async (): Promise<void> => {
        if (!state.isCalm) return await actInHaste(deployment);
        if ((await operator.mend?.(deployment)) === true) return;
        if (!(await mendRuns(deployment))) await setPoolState(deployment);
      };
      await withTimeout(clock, bound, act).catch((error: unknown) => {
        deployment.world.history.note('operator', `is told: ${String(error)}`);
      });
    }
  })();
  return {
    acts: () => state.acts,
    calmDown: () => {
      state.isCalm = true;
    },
  };
}

/** Where leases pass by time: nobody on the other side hears the one that serves. */
export function isPressed({ world, sites, record }: SimDeployment): boolean {
  const serving = sites.find((site) => site.store.name === record()?.active);
  if (!world.isVoted || serving === undefined) return false;
  return sites.every(
    (other) =>
      other === serving ||
      serving.agent === undefined ||
      !world.canTalk(other.server, serving.server),
  );
}

export async function actAtRandom(deployment: SimDeployment): Promise<void> {
  const { world, sites, pool } = deployment;
  const serving = servingSite(deployment);
  const other = sites.find((site) => site !== serving);
  if (serving === undefined || other === undefined) return;
  const request = { runbook: leavingRunbook(deployment), pool, isPartnerOff: false, by: 'sim' };
  if (mayForce(deployment, serving) && other.agent !== undefined) {
    await force(deployment, other.agent, { ...request, mode: 'forced', isPartnerOff: true });
  } else if (world.chance.fraction() < 0.15) {
    await meddle(deployment);
  } else {
    await begin(deployment, { ...request, mode: 'planned' });
  }
}

/** The other side is dead; or, where nobody's word is needed, the operator does not ask. */
export function mayForce(deployment: SimDeployment, serving: SimSite): boolean {
  const { world } = deployment;
  const isRash = isLax(world) && world.chance.fraction() < (isPressed(deployment) ? 0.8 : 0.3);
  return serving.isDead || isRash;
}

/** Without V6 nobody's word is needed: a silence is enough. */
const isLax = ({ isVoted, faults }: SimWorld): boolean => isVoted || faults.has('V6');

/** Takes the pool away from the site that serves. */
export function leavingRunbook({ world, record }: SimDeployment): RunbookName {
  const known = record();
  return known === undefined || isAtHome(world, known) ? 'pool-failover' : 'pool-failback';
}

export function servingSite({ sites, record }: SimDeployment): SimSite | undefined {
  const active = record()?.active;
  return sites.find((site) => site.store.name === active);
}

/** Asks any agent that lives, and the leader that it names. */
export async function begin(deployment: SimDeployment, request: RunRequest): Promise<void> {
  const { world, sites } = deployment;
  const asked = world.chance.pick(sites);
  let agent: Agent | undefined = asked.agent;
  for (let hop = 0; agent !== undefined && hop < sites.length; hop++) {
    const begun = await agent.leading.begin(request);
    if (begun.kind !== 'elsewhere') {
      const what = begun.kind === 'refused' ? begun.refusals.map(({ why }) => why).join('; ') : '';
      world.history.note('operator', `${request.mode} ${request.runbook}: ${begun.kind} ${what}`);
      return;
    }
    agent = sites.find((site) => site.server === begun.leader)?.agent;
  }
}

/** A forced move, accepting the loss that is quoted, of the agent that would lead it. */
export async function force(
  deployment: SimDeployment,
  asked: Agent,
  request: RunRequest,
): Promise<void> {
  const { world, sites, quotes } = deployment;
  let agent = asked;
  let from = quotes.ask();
  let shown = await agent.leading.plan(request);
  if (shown.elsewhere !== undefined) {
    const leader = sites.find(({ server }) => server === shown.elsewhere)?.agent;
    if (leader === undefined) return;
    agent = leader;
    from = quotes.ask();
    shown = await agent.leading.plan(request);
  }
  const { quoteId } = shown;
  const accepted = quoteId === undefined ? request : { ...request, acceptedQuote: quoteId };
  // The other side may have come back while the quote was read; the operator looks once more.
  const isWord = request.isPartnerOff && !isLax(world);
  const serving = servingSite(deployment);
  if (isWord && serving?.isDead !== true) return;
  if (isWord && serving !== undefined) keepOff(deployment, serving);
  const begun = await agent.leading.begin(accepted);
  if (begun.kind === 'begun') quotes.accepted(from, shown);
  const why = begun.kind === 'refused' ? begun.refusals.map((each) => each.why).join('; ') : '';
  world.history.note('operator', `forced ${request.runbook}: ${begun.kind} ${why}`);
}

/** The word is that the other side is off and stays off: until it is decided who is active. */
function keepOff({ world, record }: SimDeployment, serving: SimSite): void {
  const { clock } = world;
  const letGo = serving.holdOff();
  const untilMs = clock.bootMs() + keptOffMs;
  const look = (): void => {
    const isOver = record()?.active !== serving.store.name || clock.bootMs() >= untilMs;
    if (isOver) letGo();
    else clock.at(clock.bootMs() + lookMs, look);
  };
  look();
}

/** Cancels or resumes some run, finished or not, by somebody who is in a hurry. */
export async function meddle({ world, sites }: SimDeployment): Promise<void> {
  const { agent } = world.chance.pick(sites);
  if (agent === undefined) return;
  const runs = (await agent.runs()).filter(({ state }) => state !== 'succeeded');
  if (runs.length === 0) return;
  const run = world.chance.pick(runs);
  const act = world.chance.pick(['resume', 'cancel'] as const);
  world.history.note('operator', `${act} ${run.runbook} ${run.id}`);
  await agent.leading[act](run.id, 'sim');
}

/** The pool's state says another thing than where its data is active: it is set by hand. */
export async function setPoolState(deployment: SimDeployment): Promise<boolean> {
  const { world, pool, record, unwell } = deployment;
  const known = record();
  if (known === undefined || unwell()?.startsWith(`pool ${pool} is `) !== true) return false;
  const runbook = isAtHome(world, known) ? 'pool-failback' : 'pool-failover';
  await begin(deployment, { runbook, pool, mode: 'planned', isPartnerOff: false, by: 'sim' });
  return true;
}

/**
 * Types what `run list` says: goes on with what stands unfinished or failed and was not undone. Of
 * all servers the newest first: what stands in an older one's place is behind it. Whether there was
 * anything.
 */
async function mendRuns({ world, sites, unwell }: SimDeployment): Promise<boolean> {
  if (unwell() === undefined) return false;
  const led = await Promise.all(
    sites.map(async ({ agent, server }) =>
      ((await agent?.runs()) ?? [])
        .filter(({ leader }) => leader === server)
        .map((run) => ({ agent, run })),
    ),
  );
  for (const { agent, run } of stuckRuns(led.flat())) {
    const { id, runbook, state, why } = run;
    const act = state === 'failed' ? 'resume' : 'approve';
    world.history.note('operator', `${act} ${runbook}, which is ${state}: ${why}`);
    const started = await agent?.leading[act](id, 'sim').catch(() => undefined);
    if (started !== undefined) return true;
  }
  return false;
}

type Led = { readonly run: Pick<RunRow, 'state' | 'why' | 'startedAtMs'> };

/** What can be gone on with, the newest first. */
export function stuckRuns<Each extends Led>(led: readonly Each[]): readonly Each[] {
  return led
    .filter(({ run: { state } }) => state === 'failed' || state === 'waitingForApproval')
    .filter(({ run: { why } }) => !why.endsWith('all was undone'))
    .toSorted((left, right) => right.run.startedAtMs - left.run.startedAtMs);
}
