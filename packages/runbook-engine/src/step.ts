import type { RunId, ServerName } from '@understudy/core';
import type { AgentClient, Chance, Clock } from '@understudy/ports';
import type { Reach } from './reach.ts';

/** What a step is given. Time only through `clock`, chance only through `chance`. */
export type RunContext<Plan> = {
  readonly plan: Plan;
  readonly run: RunId;
  /** Carried by every order; agents refuse a lower one (E14). */
  readonly attempt: number;
  /** The leader's own server. */
  readonly self: ServerName;
  readonly agentOf: (server: ServerName) => AgentClient;
  /** Partners as far as they answer: for what is told best effort. */
  readonly reach: Reach;
  readonly clock: Clock;
  readonly chance: Chance;
  /** A sentence for log and journal; inside the fenced window it is kept until that closes. */
  readonly say: (sentence: string) => void;
  /** Aborted at the step's timeout, when the run is cancelled and when the process stops. */
  readonly signal: AbortSignal;
};

/** A step that cannot be undone says why; the first of them is the point of no return. */
export type NoUndo = { readonly none: string };

/**
 * Where a step stands to the fenced window (decisions/0013). From `opens` to `closes` nothing is
 * journalled: one line stands before the window and one after it.
 */
export type WindowPlace = 'opens' | 'inside' | 'closes';

export type Step<Plan> = {
  /** Stands in journals of the past: another step gets another name, and this one keeps its own. */
  readonly name: string;
  readonly title: (plan: Plan) => string;
  /** The bound of one try, in milliseconds. */
  readonly timeoutMs: (plan: Plan) => number;
  readonly attemptsMax: number;
  readonly window?: WindowPlace;
  /** The question to put to a person before it, or nothing. */
  readonly approval?: (plan: Plan) => string | undefined;
  /** Looks at the world, not at the journal: why it is done, or undefined while it is not. */
  readonly isDone: (context: RunContext<Plan>) => Promise<string | undefined>;
  /** Idempotent. Returns the one sentence: what was done and why. */
  readonly run: (context: RunContext<Plan>) => Promise<string>;
  /** Idempotent, and harmless where `run` did half or nothing. Returns the one sentence. */
  readonly undo: ((context: RunContext<Plan>) => Promise<string>) | NoUndo;
};

/** Names the plan's type once, so that a step reads as plain data. */
export function defineStep<Plan>(step: Step<Plan>): Step<Plan> {
  return step;
}

export function hasUndo<Plan>(
  step: Step<Plan>,
): step is Step<Plan> & { readonly undo: (context: RunContext<Plan>) => Promise<string> } {
  return typeof step.undo === 'function';
}

/** A count of seconds in milliseconds. */
export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => seconds(count * 60);
