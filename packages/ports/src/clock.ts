/** Time, as an argument. Everything that waits takes one, so that a simulation can turn it. */
export interface Clock {
  /** Milliseconds since 1970, for people to read; it may jump, so nothing is decided by it. */
  nowMs(): number;
  /** Milliseconds since boot, suspend included; never goes back. All deadlines are in it (V3). */
  bootMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` after `ms` unless the function it returns is called before. */
  timer(ms: number, act: () => void): () => void;
}

/** A wait came to its named bound. */
export class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
}

const neverAborted = new AbortController().signal;

/**
 * Runs `work` for at most `ms`; its signal is aborted at the bound. Rejects with TimedOutError,
 * whose message names `what`. The work's own outcome is then unknown.
 */
export function withTimeout<Result>(
  clock: Clock,
  { ms, what }: { readonly ms: number; readonly what: string },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  // Work that takes no signal is spared one: agents ask thousands of questions a minute.
  const ended = work.length === 0 ? undefined : new AbortController();
  return new Promise<Result>((resolve, reject) => {
    const cancel = clock.timer(ms, () => {
      const error = new TimedOutError(`${what} took longer than ${ms} ms`);
      reject(error);
      ended?.abort(error);
    });
    work(ended?.signal ?? neverAborted).then(
      (result) => {
        cancel();
        resolve(result);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}
