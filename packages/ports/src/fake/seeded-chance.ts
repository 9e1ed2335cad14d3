import type { Chance } from '../chance.ts';
import type { Clock } from '../clock.ts';

/** Chance from a seed: the same seed gives the same history (mulberry32, public domain). */
export class SeededChance implements Chance {
  #state: number;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(seed: number, clock: Pick<Clock, 'nowMs'> = { nowMs: () => 0 }) {
    this.#state = seed >>> 0;
    this.#clock = clock;
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  uuid(): string {
    const time = Math.floor(this.#clock.nowMs()).toString(16).padStart(12, '0');
    const chance = Array.from({ length: 4 }, () => this.#hex16()).join('');
    const tail = `7${chance.slice(0, 3)}-8${chance.slice(3, 6)}-${chance.slice(4, 16)}`;
    return `${time.slice(0, 8)}-${time.slice(8, 12)}-${tail}`;
  }

  /** A whole number of at least `from` and below `below`. */
  integer(from: number, below: number): number {
    return from + Math.floor(this.fraction() * (below - from));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(0, items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  #hex16(): string {
    return Math.floor(this.fraction() * 65_536)
      .toString(16)
      .padStart(4, '0');
  }
}
