import { type Clock, TimedOutError } from '@understudy/ports';

/** Looks again and again until `look` gives something; TimedOutError names `what` at the bound. */
export async function waitUntil<Result>(
  clock: Clock,
  bound: { readonly timeoutMs: number; readonly everyMs: number; readonly what: string },
  look: () => Promise<Result | undefined>,
): Promise<Result> {
  const deadlineMs = clock.bootMs() + bound.timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (clock.bootMs() >= deadlineMs) {
      throw new TimedOutError(`${bound.what}: not within ${bound.timeoutMs} ms`);
    }
    await clock.sleep(bound.everyMs);
  }
}
