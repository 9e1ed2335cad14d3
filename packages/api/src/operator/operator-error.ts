import type { Finding } from '@understudy/core';
import { z } from 'zod';
import { findingSchema } from './run.ts';

/** Stable codes of errors; the HTTP status that goes with each. */
export const errorStatus = {
  badRequest: 400,
  unauthorized: 401,
  notFound: 404,
  /** A rule forbids it; nothing was changed. `refusals` says which. */
  refused: 409,
  /** A CSV with bad lines: nothing was imported. `badLines` names them. */
  badLines: 422,
  tooLarge: 413,
  failed: 500,
  /** Nobody can do it now: a store or partner is silent. Asking later may help. */
  unavailable: 503,
} as const;
export type ErrorCode = keyof typeof errorStatus;

export const badLineSchema = z.object({ line: z.int().min(1), why: z.string() });
export type BadLine = z.output<typeof badLineSchema>;

/** Errors everywhere: what is wrong, where, and what to do. */
export const errorAnswer = z.object({
  error: z.object({
    code: z.string(),
    what: z.string(),
    where: z.string().exactOptional(),
    todo: z.string(),
  }),
  refusals: z.array(findingSchema).exactOptional(),
  badLines: z.array(badLineSchema).exactOptional(),
});
export type ErrorAnswer = z.output<typeof errorAnswer>;

/** An agent answered, and the answer is no. */
export class OperatorApiError extends Error {
  override readonly name = 'OperatorApiError';
  readonly status: number;
  readonly answer: ErrorAnswer;

  constructor(status: number, answer: ErrorAnswer) {
    super(answer.error.what);
    this.status = status;
    this.answer = answer;
  }

  /** Why a rule refused it; empty for every other error. */
  get refusals(): readonly Finding[] {
    return this.answer.refusals ?? [];
  }
}

type NoAnswerKind = Pick<NoAnswerError, 'mayHaveBeenDone' | 'isSentOn'>;

/**
 * No agent answered, or, `isSentOn`, that one did not to which another one sent the question on.
 * `mayHaveBeenDone`: it was asked, but the answer was lost.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly tried: readonly { readonly url: string; readonly why: string }[];
  readonly mayHaveBeenDone: boolean;
  readonly isSentOn: boolean;

  constructor(
    tried: NoAnswerError['tried'],
    { mayHaveBeenDone = false, isSentOn = false }: Partial<NoAnswerKind> = {},
  ) {
    super(tried.map(({ url, why }) => `${url}: ${why}`).join('; '));
    this.tried = tried;
    this.mayHaveBeenDone = mayHaveBeenDone;
    this.isSentOn = isSentOn;
  }
}
