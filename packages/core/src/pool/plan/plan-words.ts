import type { CopyLag } from '../../agent/agent-report.ts';
import { fencingWords } from '../../fencing/fencing.ts';
import { showGeneration } from '../../generation.ts';
import type { RunPlan } from '../../run/run-plan.ts';
import type { MovesPlan, PoolPlan, ReturnPlan, SeenCopy } from './pool-plan.ts';
import type { NotChosen } from '../../dataset/move/choose-best-copy.ts';

export type PlanWordsOf = {
  readonly planHash: string;
  /** Medians of this deployment's past runs, in milliseconds, by step name. */
  readonly expectedMs: ReadonlyMap<string, number>;
};

/** What-if: the plan that would run, in lines, with today's lag, quotes and expected times. */
export function planWords(plan: RunPlan, { planHash, expectedMs }: PlanWordsOf): string[] {
  return [
    `${plan.runbook} of ${plan.subject}, led by ${plan.leader}`,
    `plan ${planHash}`,
    ...('moves' in plan ? moveWords(plan as MovesPlan) : []),
    ...('fencings' in plan ? fencingWords((plan as PoolPlan).fencings) : []),
    ...('returns' in plan ? returnWords(plan as ReturnPlan) : []),
    ...plan.steps.map(({ name, title }, index) => {
      const expected = expectedMs.get(name);
      const time = expected === undefined ? 'never measured' : `usually ${expected} ms`;
      return `${index + 1}. ${title} (${name}, ${time})`;
    }),
  ];
}

function moveWords({ moves, hydrations, seen }: MovesPlan): string[] {
  return [
    ...moves.map(
      ({ dataset, from, to, current, next }) =>
        `${dataset}: ${from.store} (generation ${showGeneration(current.generation)}) to ` +
        `${to.store} (generation ${showGeneration(next.generation)})`,
    ),
    ...hydrations.map(({ groups, server }) => `on ${server}: ${groups.join(', ')}`),
    ...seen.flatMap((each) => [seenWords(each), ...notChosenWords(each)]),
  ];
}

function seenWords({ dataset, store, lag, quote }: SeenCopy): string {
  const where = `${dataset} on ${store}`;
  return quote === undefined ? `${where}: ${lagWords(lag)}` : `${where}: ${quote.why}`;
}

function notChosenWords({ dataset, notChosen = [] }: SeenCopy): readonly string[] {
  return notChosen.map(({ store, why }: NotChosen) => `${dataset} not to ${store}: ${why}`);
}

function lagWords(lag: CopyLag | undefined): string {
  if (lag === undefined) return 'lag unknown';
  const receive = lag.receiveBytes === undefined ? 'unknown' : `${lag.receiveBytes} bytes`;
  const age = lag.heartbeatAgeMs === undefined ? 'unknown' : `${lag.heartbeatAgeMs} ms`;
  return `receive lag ${receive}, last heartbeat ${age} ago`;
}

function returnWords({ returns, salvages, seen }: ReturnPlan): string[] {
  return [
    ...returns.map(
      ({ dataset, at, link, setAsideAs }) =>
        `${dataset} on ${at.store}: set aside as ${setAsideAs}, then seeded from ${link.from}`,
    ),
    ...salvages.map(
      ({ dataset, at, into }) =>
        `${dataset} on ${at.store}: what ${into.store} lacks is merged there or listed`,
    ),
    ...seen.map(
      ({ dataset, store, tailBytes }) =>
        `${dataset} on ${store}: at most ${tailBytes ?? 0} bytes of its log are unread`,
    ),
  ];
}
