import type { Clock } from '@understudy/ports';
import type { SimulatedClock } from '@understudy/ports/fake';

/** A machine that has just been switched on has counted so long when its first process runs. */
const bootedMs = 3_000;

/**
 * The clock of one machine, or of one store that has its own: it runs at a rate of its own beside
 * true time, begins anew when the machine is switched off, and can be set.
 */
export class SiteClock implements Clock {
  readonly #true: SimulatedClock;
  #rate: number;
  #sinceMs: number;
  #readingMs: number;
  #isStopped = false;
  /** It once stood still: whoever reads it does not know how long ago something was. */
  hasStood = false;

  constructor(clock: SimulatedClock, rate: number) {
    this.#true = clock;
    this.#rate = rate;
    this.#sinceMs = clock.bootMs();
    this.#readingMs = this.#sinceMs;
  }

  nowMs(): number {
    return this.#true.nowMs();
  }

  bootMs(): number {
    if (this.#isStopped) return this.#readingMs;
    return this.#readingMs + (this.#true.bootMs() - this.#sinceMs) * this.#rate;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#true.sleep(ms / this.#rate, signal);
  }

  timer(ms: number, act: () => void): () => void {
    return this.#true.timer(ms / this.#rate, act);
  }

  /** From now on it runs at `rate` of true time. */
  runAt(rate: number): void {
    this.#noteReading();
    this.#rate = rate;
  }

  /** Somebody sets it: back where `byMs` is below zero. */
  setBy(byMs: number): void {
    this.#noteReading();
    this.#readingMs += byMs;
  }

  /** It counts nothing until `goOn`, as that of a virtual machine that is paused. */
  stop(): void {
    this.#noteReading();
    this.#isStopped = true;
    this.hasStood = true;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  goOn(): void {
    this.#noteReading();
    this.#isStopped = false;
  }

  /** The machine is switched off and on. */
  beginAnew(): void {
    this.#noteReading();
    this.#readingMs = bootedMs;
  }

  #noteReading(): void {
    this.#readingMs = this.bootMs();
    this.#sinceMs = this.#true.bootMs();
  }
}
