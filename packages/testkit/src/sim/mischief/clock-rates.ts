import { clockRateError } from '@understudy/core';
import { SeededChance } from '@understudy/ports/fake';

/** How fast clocks run in one history: within what the theorem assumes (decisions/0029). */
export class ClockRates {
  readonly #chance: SeededChance;
  /** Stores elsewhere are timed by a clock of their own, which somebody may set. */
  readonly hasOwnClock: boolean;

  constructor(seed: number) {
    this.#chance = new SeededChance(seed ^ 0xc10c);
    this.hasOwnClock = this.#chance.fraction() < 0.4;
  }

  /** The slowest and the fastest are likely: between them lies nothing that they do not show. */
  next(): number {
    const kind = this.#chance.fraction();
    if (kind < 0.25) return 1;
    if (kind < 0.5) return 1 - clockRateError;
    if (kind < 0.75) return 1 + clockRateError;
    return 1 + (this.#chance.fraction() * 2 - 1) * clockRateError;
  }
}
