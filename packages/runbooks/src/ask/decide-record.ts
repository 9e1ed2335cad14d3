import type { Decision, Generation, ServerName } from '@understudy/core';
import { isNewerDecision, subjectOf } from '@understudy/core';
import { NothingDoneError, type RunContext } from '@understudy/runbook-engine';

export type DecideOrder = {
  readonly next: Decision;
  /** The generation that must stand there now; undefined where no decision was ever taken. */
  readonly expected: Generation | undefined;
  /** Whose control database must have it before anything acts by it. */
  readonly first: ServerName;
};

/**
 * Takes a decision by compare-and-set: at `first`, then at everyone who answers (decisions/0006).
 * Throws NothingDoneError where another decision stands at `first`, OrderRefusedError where a
 * higher attempt of this run is known there (E14).
 */
export async function decideRecord(
  context: RunContext<unknown>,
  { next, expected, first }: DecideOrder,
): Promise<void> {
  await decideFirst(context, { next, expected, first });
  const others = [context.self, ...context.reach.partners()].filter((name) => name !== first);
  await Promise.all(others.map((server) => tell(context, server, { next, expected })));
}

/** The same at `first` alone, for decisions that reach the others as orders right after. */
export async function decideFirst(
  { agentOf, run, attempt }: RunContext<unknown>,
  { next, expected, first }: DecideOrder,
): Promise<void> {
  const decided = await agentOf(first).decide(next, expected, { run, attempt });
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
  const found = current === undefined ? 'nothing' : `generation ${current.generation}`;
  const subject = subjectOf(next);
  return `${server} knows ${found} of ${subject}, so generation ${next.generation} is not next`;
}
