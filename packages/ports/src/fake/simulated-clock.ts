import type { Clock } from '../clock.ts';

// A clock that is turned by hand: nothing happens between two events, whatever the machine does.
//
// I1. Events of one instant fire in the order in which they were asked for.
// I2. After each event everything that it set going runs until it waits again.

type Event = {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
  /** Nobody waits for it any more: it is passed over. */
  isOff: boolean;
};

/** A clock for tests and simulations; time passes only in `run` and `advance`. */
export class SimulatedClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #heap: Event[] = [];

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  bootMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(abortReason(signal));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.at(this.#nowMs + Math.max(0, ms), () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  timer(ms: number, act: () => void): () => void {
    const event = this.#add(this.#nowMs + ms, act);
    return () => {
      event.isOff = true;
    };
  }

  /** Calls `fire` when the clock reaches `atMs`. */
  at(atMs: number, fire: () => void): void {
    this.#add(atMs, fire);
  }

  #add(atMs: number, fire: () => void): Event {
    const event = { atMs, order: this.#order++, fire, isOff: false };
    push(this.#heap, event);
    return event;
  }

  /** Runs events until `untilMs`, at most `eventsMax` of them; returns how many there were. */
  async run(untilMs: number, eventsMax = 1_000_000): Promise<number> {
    let events = 0;
    await settle();
    for (; events < eventsMax; events++) {
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) break;
      pop(this.#heap);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
      await settle();
    }
    if (events < eventsMax) this.#nowMs = Math.max(this.#nowMs, untilMs);
    return events;
  }

  #next(): Event | undefined {
    while (this.#heap[0]?.isOff === true) pop(this.#heap);
    return this.#heap[0];
  }

  /** Lets `ms` pass. */
  advance(ms: number): Promise<number> {
    return this.run(this.#nowMs + ms);
  }

  /** Turns the clock until `promise` is settled; throws when that takes more than `boundMs`. */
  async finish<Result>(promise: Promise<Result>, boundMs = 3_600_000): Promise<Result> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const untilMs = this.#nowMs + boundMs;
    await settle();
    while (!isSettled) {
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) {
        throw new Error(`nothing more happens, and what was waited for has not (${boundMs} ms)`);
      }
      await this.run(next.atMs, 1);
    }
    return promise;
  }
}

/**
 * Every microtask that can run has run when an immediate is called: Node drains them before each
 * one. Node's next tick comes too early where it is asked for in a message of another thread:
 * histories were not the same in a worker. A turn of the event loop costs more than all else that
 * happens in an instant, so one turn serves many.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length <= immediatesAhead) return;
    immediatesAhead += immediatesAtOnce;
    for (let each = 0; each < immediatesAtOnce; each++) setImmediate(endOne);
  });
}

const immediatesAtOnce = 64;
let immediatesAhead = 0;
const waiting: (() => void)[] = [];

function endOne(): void {
  immediatesAhead--;
  waiting.shift()?.();
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('the wait was ended');
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

function push(heap: Event[], event: Event): void {
  let index = heap.push(event) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index] as Event, heap[parent] as Event)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let index = 0;
  for (;;) {
    let least = index;
    for (const child of [2 * index + 1, 2 * index + 2]) {
      const event = heap[child];
      if (event !== undefined && isBefore(event, heap[least] as Event)) least = child;
    }
    if (least === index) return;
    swap(heap, index, least);
    index = least;
  }
}

function swap(heap: Event[], left: number, right: number): void {
  const event = heap[left] as Event;
  heap[left] = heap[right] as Event;
  heap[right] = event;
}
