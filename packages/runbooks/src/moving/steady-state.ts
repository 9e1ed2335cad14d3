import {
  type CopyReport,
  findLine,
  isSameLink,
  type MovesPlan,
  type PlannedMove,
  showGeneration,
} from '@understudy/core';
import { defineStep, NothingDoneError, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf, recordAt, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { watchHopeless } from './refuse-hopeless.ts';

const pollMs = 100;
/** Looks between two sentences about what is waited for. */
const looksPerSentence = 20;

/** Waits, at full service, until every target copy is healthy and close. */
export const steadyState = defineStep<MovesPlan>({
  name: 'steady-state',
  title: titleOf('steady-state'),
  timeoutMs: ({ limits }) => limits.steadyTimeoutMs + seconds(10),
  attemptsMax: 1,
  isDone: async (context) => (await whenAllDecided(context)) ?? (await whenAllFenced(context)),
  async run(context) {
    const { clock, plan, signal } = context;
    const looksMax = Math.ceil(plan.limits.steadyTimeoutMs / pollMs);
    const refuseHopeless = watchHopeless(plan);
    let waiting: readonly string[] = [];
    for (let looks = 0; looks < looksMax; looks++) {
      const found = await Promise.all(plan.moves.map((move) => findWaiting(context, move)));
      waiting = found.filter((each) => each !== undefined);
      if (waiting.length === 0) {
        await readAhead(context);
        return 'steady: every target copy is healthy and close';
      }
      if (looks % looksPerSentence === 0) {
        context.say(`waits: ${waiting.join('; ')}`);
        await Promise.all(plan.moves.map((move) => refuseOutdated(context, move)));
        await Promise.all(plan.moves.map((move) => refuseHopeless(context, move)));
      }
      await clock.sleep(pollMs, signal);
    }
    throw new Error(`no steady state in ${plan.limits.steadyTimeoutMs} ms: ${waiting.join('; ')}`);
  },
  undo: async () => 'nothing was changed',
});

/**
 * The targets' roles read their users ahead, at full service: what is read in the fenced window is
 * waited for by users. Best effort; what is not read ahead is read after the mount.
 */
async function readAhead(context: RunContext<MovesPlan>): Promise<void> {
  const { agentOf, run, attempt, plan } = context;
  const read = plan.hydrations.map(async ({ server, ...hydration }) => {
    const ordered = { run, attempt, ...hydration };
    await agentOf(server).obey({ ...ordered, kind: 'hydrate', isAhead: true });
  });
  for (const each of await Promise.allSettled(read)) {
    if (each.status === 'rejected') context.say(`nothing is read ahead: ${String(each.reason)}`);
  }
}

/**
 * A run that is taken up after its fence: the source beats no more, so its copies never look
 * steady again, and the marker proves what steady state only promised.
 */
async function whenAllFenced(context: RunContext<MovesPlan>): Promise<string | undefined> {
  const { moves } = context.plan;
  for (const move of moves) {
    if (!(await isFenced(context, move))) return undefined;
  }
  return moves.length === 0 ? undefined : 'the sources are fenced for this run already';
}

async function isFenced(
  context: RunContext<MovesPlan>,
  { dataset, from, current }: PlannedMove,
): Promise<boolean> {
  const handedOver = (await copyOf(context, dataset, from))?.handedOver;
  return handedOver?.run === context.run && handedOver.generation === current.generation;
}

/**
 * What is waited for. A source whose store was down when the run was taken up may turn out later
 * to be fenced for it; its users wait, so nobody waits for its next heartbeat.
 */
async function findWaiting(
  context: RunContext<MovesPlan>,
  move: PlannedMove,
): Promise<string | undefined> {
  const unsteady = await findUnsteady(context, move);
  if (unsteady === undefined) return undefined;
  return (await isFenced(context, move).catch(() => false)) ? undefined : unsteady;
}

async function findUnsteady(
  context: RunContext<MovesPlan>,
  move: PlannedMove,
): Promise<string | undefined> {
  const { dataset, to } = move;
  const { limits } = context.plan;
  const copy = await copyOf(context, dataset, to).catch(() => undefined);
  if (copy === undefined) return `${to.server} does not answer for ${dataset}`;
  await letFollow(context, { copy, move });
  if (copy.state !== 'healthy') return `${dataset} on ${to.store} is ${copy.state} (${copy.why})`;
  await standWayBack(context, { copy, move });
  const age = copy.lag.heartbeatAgeMs;
  // A level copy's heartbeat is up to one interval old by nature.
  if (age !== undefined && age <= limits.drainLagMs + limits.heartbeatMs) return undefined;
  const lag = age === undefined ? 'of unknown age' : `${age} ms behind`;
  return `${dataset} on ${to.store} is ${lag}`;
}

/**
 * The plan names the generation that is fenced, and the record that its copies follow by. Where a
 * newer one is decided, as after a remount or for a third copy, every order by it is refused,
 * however long the copies are waited for.
 */
async function refuseOutdated(
  context: RunContext<MovesPlan>,
  { dataset, from, to, current }: PlannedMove,
): Promise<void> {
  const known = await recordAt(context, dataset, from).catch(() => undefined);
  if (known === undefined || known.active === to.store) return;
  if (known.generation <= current.generation) return;
  const by = showGeneration(known.generation);
  throw new NothingDoneError(`generation ${by} is decided for ${dataset} by now; plan again`);
}

type Seen = { readonly copy: CopyReport; readonly move: PlannedMove };

/**
 * Straight after another move the target may not follow yet. Its agent leaves it to this run
 * now; an order that comes too early is given again at the next look, and what it waits for is in
 * the copy's own words.
 */
async function letFollow(context: RunContext<MovesPlan>, { copy, move }: Seen): Promise<void> {
  const { run, attempt } = context;
  if (copy.state !== 'disconnected') return;
  const active = await copyOf(context, move.dataset, move.from).catch(() => undefined);
  const line = findLine(copy, move.current, { active });
  if (line.kind !== 'canFollow') return;
  const order = { kind: 'follow', run, attempt, link: line.link, record: move.current } as const;
  const agent = context.agentOf(move.to.server);
  await agent.obey(order).catch(() => undefined);
}

/**
 * The slot for the way back is made at full service, so nothing in the fenced window waits for
 * somebody else's transaction (E6). Where it cannot be made in time the run goes on: the old side
 * is reseeded then.
 */
async function standWayBack(context: RunContext<MovesPlan>, { copy, move }: Seen): Promise<void> {
  const { run, attempt } = context;
  const { current, dataset, from, to } = move;
  const wayBack = { dataset, from: to.store, to: from.store, since: current.since };
  if (copy.slots.some(({ link, isLost }) => !isLost && isSameLink(link, wayBack))) return;
  const order = { kind: 'prepareWayBack', run, attempt, dataset } as const;
  const why = await context
    .agentOf(to.server)
    .obey(order)
    .then((report) => report.why)
    .catch((error: unknown) => `${String(error)}; the old side will be reseeded`);
  context.say(why);
}
