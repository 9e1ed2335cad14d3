import { type PoolPlan, type PoolRecord, poolRecordOf, showGeneration } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import { defineStep, type RunContext, seconds, type Step } from '@understudy/runbook-engine';
import { decideFirst } from '../ask/decide-record.ts';
import { isDecided, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** FailingOver or FailingBack: opens the fenced window, for home refuses changes from here on. */
export function enterState(name: 'set-failing-over' | 'set-failing-back'): Step<PoolPlan> {
  return defineStep<PoolPlan>({
    name,
    title: titleOf(name),
    timeoutMs: () => seconds(30),
    attemptsMax: 2,
    window: 'opens',
    async isDone(context) {
      const { passing } = context.plan.records;
      const standing = await standingRecord(context);
      if (standing?.generation !== passing.generation || standing.state !== passing.state) {
        return whenAllDecided(context);
      }
      return `the state stands decided under ${showGeneration(passing.generation)}`;
    },
    run(context) {
      const { passing, current } = context.plan.records;
      return setState(context, passing, current?.generation);
    },
    async undo(context) {
      const { passing, aborted } = context.plan.records;
      const standing = await standingRecord(context);
      if ((standing?.generation ?? 0) < passing.generation) {
        await refuseUnread(context);
        return 'the state was not changed';
      }
      const newer = newerState(context, standing);
      if (newer === undefined && standing !== undefined) await tellTargets(context, standing);
      await refuseMoved(context);
      if (newer !== undefined) return newer;
      return setState(context, aborted, passing.generation);
    },
  });
}

/** FailedOver or Active: closes the fenced window; the other pool serves with full service. */
export function leaveState(name: 'set-failed-over' | 'set-active'): Step<PoolPlan> {
  return defineStep<PoolPlan>({
    name,
    title: titleOf(name),
    timeoutMs: () => seconds(30),
    attemptsMax: 3,
    window: 'closes',
    async isDone(context) {
      const { final } = context.plan.records;
      const standing = await standingRecord(context);
      const isFinal = standing?.generation === final.generation && standing.state === final.state;
      return isFinal
        ? `the state stands decided under ${showGeneration(final.generation)}`
        : undefined;
    },
    run(context) {
      const { passing, final } = context.plan.records;
      return setState(context, final, passing.generation);
    },
    undo: { none: 'users are served there; the way back is a switch of its own' },
  });
}

/**
 * With an order of this attempt the targets refuse what one before would decide (E14). Whether that
 * has decided is asked afterwards.
 */
async function tellTargets(context: RunContext<PoolPlan>, standing: PoolRecord): Promise<void> {
  const targets = new Set(context.plan.moves.map(({ to }) => to.server));
  await Promise.all([...targets].map((server) => orderState(context, server, standing)));
}

/**
 * Another attempt may have decided while this one failed: then the users are served at the target,
 * and a pool state that says otherwise would take the number that the run ends with.
 */
async function refuseMoved(context: RunContext<PoolPlan>): Promise<void> {
  const { moves, pool } = context.plan;
  const moved = await Promise.all(moves.map((move) => isDecided(context, move)));
  const names = moves.filter((_, index) => moved[index]).map(({ dataset }) => dataset);
  if (names.length === 0) return;
  const serving = `${names.join(' and ')} is decided to be active at the target`;
  throw new Error(`${serving}, so pool ${pool} cannot go back; resume the run`);
}

/**
 * A leader that has just started and whose store does not answer tells what partners told it: what
 * was decided there, by an attempt before, is not among it. Throws then; the run is resumed.
 */
async function refuseUnread({ plan, agentOf }: RunContext<PoolPlan>): Promise<void> {
  const [own] = (await agentOf(plan.leader).report()).stores;
  if (own?.isUp !== false) return;
  const asked = `whether the state of pool ${plan.pool} was changed is decided on ${own.store}`;
  throw new Error(`${asked}, which does not answer; resume the run when it does`);
}

/** Another run has decided since: what this one had set stands no more, and theirs is theirs. */
function newerState(
  { plan, run }: RunContext<PoolPlan>,
  standing: PoolRecord | undefined,
): string | undefined {
  const { passing } = plan.records;
  const isNewer = standing !== undefined && standing.generation > passing.generation;
  if (!isNewer || standing.run === run) return undefined;
  return `nothing is left to take back: ${standing.state} stands under ${standing.generation}`;
}

async function standingRecord({
  plan,
  agentOf,
}: RunContext<PoolPlan>): Promise<PoolRecord | undefined> {
  return poolRecordOf((await agentOf(plan.leader).report()).decisions, plan.pool);
}

async function setState(
  context: RunContext<PoolPlan>,
  state: PoolRecord,
  expected: PoolRecord['generation'] | undefined,
): Promise<string> {
  const { plan, run } = context;
  const record = { ...state, run };
  await decideFirst(context, { next: record, expected, first: plan.leader });
  const told = await Promise.all(
    [...new Set([...plan.to.servers, ...plan.from.servers])].map((server) =>
      orderState(context, server, record),
    ),
  );
  const silent = told.filter((each) => each !== undefined);
  const unheard = silent.length === 0 ? '' : `; not told: ${silent.join(', ')}`;
  return `${record.state} under ${showGeneration(record.generation)}: ${record.why}${unheard}`;
}

/** What is wrong with a server that was not told. It learns the decision when it answers. */
async function orderState(
  { reach, run, attempt }: RunContext<PoolPlan>,
  server: PoolPlan['leader'],
  record: PoolRecord,
): Promise<string | undefined> {
  const order = { kind: 'setPoolState', run, attempt, record } as const;
  try {
    const report = await reach.ask(server, (agent) => agent.obey(order));
    return report === undefined ? `${server} is silent` : undefined;
  } catch (error) {
    const isStale = error instanceof OrderRefusedError && error.refusal.code === 'staleGeneration';
    if (isStale) return `${server} knows a newer state`;
    throw error;
  }
}
