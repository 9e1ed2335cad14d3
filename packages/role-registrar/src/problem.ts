import { type ErrorAnswer, errorStatus, type BadLine } from '@understudy/api';

export type ProblemDetails = {
  readonly what: string;
  readonly where?: string;
  readonly todo: string;
  readonly badLines?: readonly BadLine[];
  /** Tells the client when to ask again. */
  readonly retryAfterMs?: number;
  /** Where a client's mailbox position is continued (E13). */
  readonly position?: string;
};

/** A request cannot be done: what, where, and what to do, as every answer of ours says it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly status: number;
  readonly details: ProblemDetails;
  constructor(code: string, details: ProblemDetails) {
    super(details.what);
    this.code = code;
    this.status = problemStatus[code as keyof typeof problemStatus] ?? 500;
    this.details = details;
  }
}

export const problemStatus = {
  ...errorStatus,
  lookAgain: 409,
  slowDown: 429,
  /** Whether it was done is unknown: asking again with the same id tells, and repeats nothing. */
  unknownOutcome: 503,
  /** Nothing was done; the pool is served elsewhere, or nowhere yet. */
  notServing: 503,
} as const;

const retrySoonMs = 50;

export function unknownOutcome(why: string): Problem {
  const what = `it is unknown whether this was done: ${why}`;
  const todo = 'ask again with the same id; it is never done twice';
  return new Problem('unknownOutcome', { what, todo, retryAfterMs: retrySoonMs });
}

export function notServing(why: string): Problem {
  return new Problem('notServing', {
    what: why,
    todo: 'ask again soon, here or at the other pool',
    retryAfterMs: retrySoonMs,
  });
}

/** Status, header fields and body of the answer for a problem. */
export function problemAnswer(problem: Problem) {
  const { what, where, todo, badLines, retryAfterMs, position } = problem.details;
  const error = { code: problem.code, what, ...(where !== undefined && { where }), todo };
  const body: ErrorAnswer & { readonly where?: string } = {
    error,
    ...(badLines !== undefined && { badLines: [...badLines] }),
    ...(position !== undefined && { where: position }),
  };
  // Retry-After has whole seconds only (RFC 9110, 10.2.3); clients of ours read the finer one.
  const headers: Record<string, string> =
    retryAfterMs === undefined
      ? {}
      : {
          'Retry-After': `${Math.ceil(retryAfterMs / 1000)}`,
          'Retry-After-Ms': `${retryAfterMs}`,
        };
  return { status: problem.status, headers, body };
}
