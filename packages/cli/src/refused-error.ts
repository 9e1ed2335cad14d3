import type { Finding } from '@understudy/core';

/** A rule forbids it and nothing was changed. `todo` says what to add or to do first. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly findings: readonly Finding[];
  readonly todo: readonly string[];
  /** Facts for scripts besides the words: the quote that could be accepted, who would lead. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    what: string,
    findings: readonly Finding[],
    more: { readonly todo: readonly string[]; readonly facts?: Readonly<Record<string, unknown>> },
  ) {
    super(what);
    this.findings = findings;
    this.todo = more.todo;
    this.facts = more.facts ?? {};
  }
}
