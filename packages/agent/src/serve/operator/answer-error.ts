import { type ErrorAnswer, type ErrorCode, errorStatus } from '@understudy/api';
import type { Finding } from '@understudy/core';
import {
  AgentUnreachableError,
  EngineRefusedError,
  OrderRefusedError,
  StoreDownError,
  TimedOutError,
} from '@understudy/ports';
import { RunRefusedError } from '@understudy/runbook-engine';
import { wordsOf } from '../../observe/look-at-store.ts';
import { RefusedHere } from '../../obey/refuse.ts';
import { ForbiddenError, WrongRequestError } from './operator-context.ts';

export type Answered = { readonly status: number; readonly body: ErrorAnswer };

/** What an operator is told of an error: what is wrong, and what to do. */
export function answerError(error: unknown): Answered {
  if (error instanceof ForbiddenError) return refused(error.refusals);
  if (error instanceof RefusedHere || error instanceof RunRefusedError) {
    if (isUnknown(error.code)) return said('notFound', error, 'look at `understudy status`');
    return refused([refusal(error.code, error)]);
  }
  if (error instanceof OrderRefusedError) return refused([refusal(error.refusal.code, error)]);
  if (error instanceof EngineRefusedError) return refused([refusal('rule', error)]);
  if (error instanceof WrongRequestError) return said(error.code, error, error.todo);
  if (isSilence(error)) return said('unavailable', error, silentTodo);
  return said('failed', error, "look at the agent's log");
}

const silentTodo = 'try again; `understudy status` says who is silent';

function isUnknown(code: string): boolean {
  return ['notHere', 'unknownSubject', 'unknownRun', 'unknownRunbook'].includes(code);
}

function isSilence(error: unknown): boolean {
  return (
    error instanceof StoreDownError ||
    error instanceof AgentUnreachableError ||
    error instanceof TimedOutError
  );
}

function refusal(code: string, error: Error): Finding {
  return { severity: 'refusal', code, why: error.message };
}

function refused(refusals: readonly Finding[]): Answered {
  const what = refusals.map(({ why }) => why).join('; ') || 'a rule forbids it';
  const todo = 'docs/operating/when-things-go-wrong.md says by its code what to do';
  const error = { code: 'refused', what, todo };
  return { status: errorStatus.refused, body: { error, refusals: [...refusals] } };
}

function said(code: ErrorCode, error: unknown, todo: string): Answered {
  return { status: errorStatus[code], body: { error: { code, what: wordsOf(error), todo } } };
}
