import { setTimeout as sleep } from 'node:timers/promises';

export type Wait = {
  readonly withinMs: number;
  readonly everyMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** Repeats `probe` until it gives something; undefined when the time is over. */
export async function waitUntil<T>(
  wait: Wait,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const deadline = performance.now() + wait.withinMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() >= deadline) return undefined;
    await sleep(wait.everyMs, undefined, wait.signal ? { signal: wait.signal } : {});
  }
}
