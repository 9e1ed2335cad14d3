import type { Clock } from '@understudy/ports';

/** What happened in a simulated history, a line each, for a person to read after a replay. */
export class History {
  readonly lines: string[] = [];
  readonly #clock: Pick<Clock, 'bootMs'>;
  readonly #startMs: number;

  constructor(clock: Pick<Clock, 'bootMs'>) {
    this.#clock = clock;
    this.#startMs = clock.bootMs();
  }

  note(who: string, what: string): void {
    const ms = this.#clock.bootMs() - this.#startMs;
    this.lines.push(`${(ms / 1000).toFixed(3).padStart(8)}  ${who.padEnd(8)}  ${what}`);
  }
}
