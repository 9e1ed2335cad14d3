import type { Decision, Generation, ServerName } from '@understudy/core';
import { isNewerDecision, showGeneration, subjectOf } from '@understudy/core';
import { type Decided, OrderRefusedError } from '@understudy/ports';
import { NothingDoneError, RefusedByRuleError, type RunContext } from '@understudy/runbook-engine';

export type DecideOrder = {
  readonly next: Decision;
  /** The generation that must stand there now; undefined where no decision was ever taken. */
  readonly expected: Generation | undefined;
  /** Whose control database must have it before anything acts by it. */
  readonly first: ServerName;
  /** How long a lease that somebody else may still hold is waited for. */
  readonly leaseWaitMs?: number;
};

/**
 * Takes a decision by compare-and-set: at `first`, then at everyone who answers (decisions/0006).
 * Throws NothingDoneError where another decision stands at `first`, OrderRefusedError where a
 * higher attempt of this run is known there (E14).
 */
export async function decideRecord(
  context: RunContext<unknown>,
  order: DecideOrder,
): Promise<void> {
  const { next, expected, first } = order;
  await decideFirst(context, order);
  const others = [context.self, ...context.reach.partners()].filter((name) => name !== first);
  await Promise.all(others.map((server) => tell(context, server, { next, expected })));
}

/** The same at `first` alone, for decisions that reach the others as orders right after. */
export async function decideFirst(
  context: RunContext<unknown>,
  { next, expected, first, leaseWaitMs = 0 }: DecideOrder,
): Promise<void> {
  const { agentOf, run, attempt, clock } = context;
  const untilMs = clock.bootMs() + leaseWaitMs;
  for (;;) {
    const decided = await agentOf(first)
      .decide(next, expected, { run, attempt })
      .catch(leaseHeldBy);
    if (typeof decided !== 'string') return settle(decided, { next, first });
    // A lease passes with time, and its holder's release may be a moment behind the marker.
    if (clock.bootMs() >= untilMs) throw new RefusedByRuleError(`${decided}; try again later`);
    await clock.sleep(leaseAgainMs, context.signal);
  }
}

/** Between two tries to take a lease. */
const leaseAgainMs = 100;

/** Why the lease could not be taken now. Throws NothingDoneError where it never will be. */
function leaseHeldBy(error: unknown): string {
  if (!(error instanceof OrderRefusedError)) throw error;
  if (error.refusal.code === 'leaseHeld') return error.message;
  if (error.refusal.code === 'staleGeneration') {
    throw new NothingDoneError(`${error.message}; plan again`);
  }
  throw error;
}

function settle(decided: Decided, { next, first }: Pick<DecideOrder, 'next' | 'first'>): void {
  if (decided.isDone) return;
  throw new NothingDoneError(`${conflictWords(first, next, decided.current)}; plan again`);
}

async function tell(
  { reach }: RunContext<unknown>,
  server: ServerName,
  { next, expected }: Omit<DecideOrder, 'first'>,
): Promise<void> {
  const decided = await reach.ask(server, (agent) => agent.decide(next, expected));
  if (decided === undefined || decided.isDone) return;
  const { current } = decided;
  if (current !== undefined && !isNewerDecision(next, current)) {
    throw new Error(conflictWords(server, next, current));
  }
  await reach.ask(server, (agent) => agent.learn([next])); // It had missed the one before.
}

function conflictWords(server: ServerName, next: Decision, current: Decision | undefined): string {
  const found =
    current === undefined ? 'nothing' : `generation ${showGeneration(current.generation)}`;
  const asked = showGeneration(next.generation);
  return `${server} knows ${found} of ${subjectOf(next)}, so generation ${asked} is not next`;
}
