import type { StoreName } from '@understudy/core';
import type { SimulatedClock } from '@understudy/ports/fake';

/** An agent that has seen that a clock was set has shut the gate within this time. */
const shutWithinMs = 2_000;

/**
 * Where the theorem does not hold, by its own words (decisions/0029, "Exceptions, by name"): a gate
 * that was open when its clock was set back, or its machine paused, may be open for longer.
 */
export class Exceptions {
  readonly #clock: SimulatedClock;
  readonly #setBackUntilMs = new Map<StoreName, number>();
  readonly #pausedUntilMs = new Map<StoreName, number>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Until its agent looks at the clock (V3), and at the longest for `ms`. */
  setBack(store: StoreName, ms: number): void {
    this.#begin(this.#setBackUntilMs, store, ms);
  }

  /** Its agent's clock stood still too, so nobody can see it. */
  paused(store: StoreName, ms: number): void {
    this.#begin(this.#pausedUntilMs, store, ms);
  }

  /** The agent of `store` compares its clock with its own. */
  lookedAt(store: StoreName): void {
    const untilMs = this.#setBackUntilMs.get(store);
    if (untilMs === undefined) return;
    this.#setBackUntilMs.set(store, Math.min(untilMs, this.#clock.bootMs() + shutWithinMs));
  }

  has(store: StoreName): boolean {
    const nowMs = this.#clock.bootMs();
    const untilMs = [this.#setBackUntilMs.get(store), this.#pausedUntilMs.get(store)];
    return untilMs.some((each) => each !== undefined && nowMs < each);
  }

  #begin(known: Map<StoreName, number>, store: StoreName, ms: number): void {
    known.set(store, Math.max(this.#clock.bootMs() + ms, known.get(store) ?? 0));
  }
}
