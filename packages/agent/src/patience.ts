import { type Clock, TimedOutError, withTimeout } from '@understudy/ports';

/**
 * Waits for what may hang, each time for a bound. What did not end within it goes on by itself,
 * and until it has, work of the same name is refused at once: a store that is silent costs its
 * agent one wait and not one a cycle, and no questions pile up at it.
 */
export type Patience = {
  /**
   * Does `work` and waits `ms` for it; its own outcome is unknown after TimedOutError. Rejects with
   * that at once while work of this name is overdue.
   */
  within<Result>(bound: Bound, work: () => Promise<Result>): Promise<Result>;
};
export type Bound = { readonly ms: number; readonly what: string };

export function createPatience(clock: Clock): Patience {
  const overdue = new Map<string, { readonly sinceMs: number; count: number }>();
  const note = (what: string, sinceMs: number): void => {
    const known = overdue.get(what);
    if (known === undefined) overdue.set(what, { sinceMs, count: 1 });
    else known.count += 1;
  };
  const ended = (what: string): void => {
    const known = overdue.get(what);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count === 0) overdue.delete(what);
  };
  return {
    async within(bound, work) {
      const { what } = bound;
      const known = overdue.get(what);
      const nowMs = clock.bootMs();
      if (known !== undefined) {
        const seconds = Math.round((nowMs - known.sinceMs) / 1000);
        throw new TimedOutError(`${what} has not ended for ${seconds} s`);
      }
      let [isOverdue, isEnded] = [false, false];
      const end = (): void => {
        isEnded = true;
        if (isOverdue) ended(what);
      };
      try {
        return await withTimeout(clock, bound, () => work().finally(end));
      } catch (error) {
        isOverdue = !isEnded;
        if (isOverdue) note(what, nowMs);
        throw error;
      }
    },
  };
}
