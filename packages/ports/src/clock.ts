/** Time, as an argument. Everything that waits takes one, so that a simulation can turn it. */
export interface Clock {
  /** Milliseconds since 1970, for people to read; it may jump, so nothing is decided by it. */
  nowMs(): number;
  /** Milliseconds since boot, suspend included; never goes back. All deadlines are in it (V3). */
  bootMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A wait came to its named bound. */
export class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
}

/** Made once: an abort without a reason makes an exception with a stack each time. */
const workIsDone = new Error('the work was done before its bound');

/**
 * Runs `work` for at most `ms`; its signal is aborted at the bound. Rejects with TimedOutError,
 * whose message names `what`. The work's own outcome is then unknown.
 */
export async function withTimeout<Result>(
  clock: Clock,
  { ms, what }: { readonly ms: number; readonly what: string },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  const worked = new AbortController();
  const bound = clock.sleep(ms, worked.signal).then(
    () => {
      const error = new TimedOutError(`${what} took longer than ${ms} ms`);
      ended.abort(error);
      throw error;
    },
    () => new Promise<never>(() => {}), // The work was done first; this side stays silent.
  );
  try {
    return await Promise.race([work(ended.signal), bound]);
  } finally {
    worked.abort(workIsDone);
  }
}
