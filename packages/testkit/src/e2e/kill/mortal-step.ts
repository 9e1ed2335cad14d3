import type { AnyRunbook, RunContext, Step } from '@understudy/runbook-engine';
import type { AgentClient } from '@understudy/ports';
import type { Place } from './death.ts';

/** Ends the process at a place of a step, if that was ordered; returns if not. */
export type Die = (step: string, place: Place) => void;
type Plan = { readonly mode?: string };

/** The runbook with every step able to die at its three places. */
export function mortalRunbook(
  runbook: AnyRunbook,
  dieIn: (runbook: string, mode: string) => Die,
): AnyRunbook {
  return {
    ...runbook,
    steps: (plan) => {
      const die = dieIn(runbook.name, (plan as Plan).mode ?? 'planned');
      const progress = new Progress();
      return runbook.steps(plan).map((step, index) => mortalStep(step, { index, die, progress }));
    },
  };
}

/**
 * How far each attempt has come. A run that is taken over asks steps far ahead whether they are
 * done before it begins: that is no entry.
 */
class Progress {
  readonly #reached = new Map<string, number>();

  isAt({ run, attempt }: RunContext<never>, index: number): boolean {
    return (this.#reached.get(`${run} ${attempt}`) ?? 0) === index;
  }

  passed({ run, attempt }: RunContext<never>, index: number): void {
    this.#reached.set(`${run} ${attempt}`, index + 1);
  }
}

type Mortality = { readonly index: number; readonly die: Die; readonly progress: Progress };

function mortalStep(step: Step<never>, { index, die, progress }: Mortality): Step<never> {
  const { name } = step;
  const dies = (place: Place): void => die(name, place);
  /** Inside the window nothing is written, so the end of its work is all there is. */
  const ended = (context: RunContext<never>): void => {
    dies('middle');
    progress.passed(context, index);
    if (step.window === 'opens' || step.window === 'inside') dies('after');
    else whenWritten(context, name, () => dies('after'));
  };
  return {
    ...step,
    isDone: async (context) => {
      if (!progress.isAt(context, index)) return step.isDone(context);
      dies('entry');
      const done = await step.isDone(context);
      if (done !== undefined) ended(context);
      return done;
    },
    run: async (context) => {
      dies('entry');
      const why = await step.run(mortalContext(context, () => dies('middle')));
      ended(context);
      return why;
    },
  };
}

/** `after` the first answer of anybody to anything that changes something there. */
function mortalContext(context: RunContext<never>, after: () => void): RunContext<never> {
  const mortal = (agent: AgentClient): AgentClient => ({
    ...agent,
    obey: async (order) => afterwards(await agent.obey(order), after),
    decide: async (next, expected) => afterwards(await agent.decide(next, expected), after),
    learn: async (decisions) => afterwards(await agent.learn(decisions), after),
  });
  const { reach } = context;
  const ask: typeof reach.ask = (server, work, boundMs) =>
    reach.ask(server, (agent) => work(mortal(agent)), boundMs);
  const mortalReach = {
    ask,
    partners: () => reach.partners(),
    isSilent: (server: Parameters<typeof reach.isSilent>[0]) => reach.isSilent(server),
  } as typeof reach;
  return { ...context, reach: mortalReach, agentOf: (server) => mortal(context.agentOf(server)) };
}

function afterwards<Answer>(answer: Answer, act: () => void): Answer {
  act();
  return answer;
}

type Writer = { appendJournal: AgentClient['appendJournal'] };

/** Once the leader's own control database has the line that says that the step is done. */
function whenWritten(context: RunContext<never>, step: string, act: () => void): void {
  const own: Writer = context.agentOf(context.self);
  const write = own.appendJournal;
  own.appendJournal = async (lines) => {
    const isWritten = await write(lines);
    const isDone = lines.some((line) => line.step === step && isEnd.has(line.event));
    if (isDone) {
      own.appendJournal = write;
      act();
    }
    return isWritten;
  };
}

const isEnd: ReadonlySet<string> = new Set(['done', 'alreadyDone']);
