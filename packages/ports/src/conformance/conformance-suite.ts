import assert from 'node:assert/strict';

/**
 * A suite that every implementation of a port passes. The file that runs it calls `test` for each
 * case and `after` with `close`, so that its tests are counted as its own.
 */
export type ConformanceSuite = {
  readonly cases: readonly (readonly [title: string, run: () => Promise<void>])[];
  /** Ends what the first case has opened. */
  readonly close: () => Promise<void>;
};

/** Cases that share one subject, which the first of them opens. */
export function conformanceSuite<Subject extends AsyncDisposable>(
  open: () => Promise<Subject>,
  cases: Readonly<Record<string, (subject: Subject, number: number) => Promise<void>>>,
): ConformanceSuite {
  let opened: Promise<Subject> | undefined;
  return {
    cases: Object.entries(cases).map(([title, run], index) => [
      title,
      async () => {
        opened ??= open();
        const subject = await opened;
        assert.ok(subject);
        await run(subject, index + 1);
      },
    ]),
    close: async () => {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}
