import type { Finding } from '@understudy/core';

/** A rule forbids it and nothing was changed. `todo` says what to add or to do first. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly findings: readonly Finding[];
  readonly todo: readonly string[];

  constructor(what: string, findings: readonly Finding[], todo: readonly string[]) {
    super(what);
    this.findings = findings;
    this.todo = todo;
  }
}
