import { setTimeout as sleep } from 'node:timers/promises';
import { bounds } from './bounds.ts';

/** Nothing of what was waited for came true in time. */
export class WaitedInVainError extends Error {
  override readonly name = 'WaitedInVainError';
}

/**
 * Asks until the answer is not undefined. What is thrown meanwhile is kept for the end: an agent
 * that has just died answers nothing.
 */
export async function waitFor<Found>(
  what: string,
  ask: () => Promise<Found | undefined> | Found | undefined,
  withinMs: number = bounds.settleMs,
): Promise<Found> {
  const deadlineMs = Date.now() + withinMs;
  let last = '';
  do {
    try {
      const found = await ask();
      if (found !== undefined) return found;
      last = '';
    } catch (error) {
      last = error instanceof Error ? error.message : JSON.stringify(error);
    }
    await sleep(bounds.pollMs);
  } while (Date.now() < deadlineMs);
  const why = last === '' ? '' : ` (${last})`;
  throw new WaitedInVainError(`${what} did not come true within ${withinMs} ms${why}`);
}
