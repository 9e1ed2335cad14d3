/** A broken promise, in words. */
export type Violation = { readonly rule: string; readonly what: string };

/** Between an id and the number of the try, where each try is another write. */
export const repeatMark = ' try ';

/** What clients did, as their own records say. */
export type ClientRecord = {
  /** Row and value of every write that a client was told is durable. */
  readonly acknowledged: Map<string, string>;
  /** The newest value that was tried for each row; unacknowledged ones may stand all the same. */
  readonly tried: Map<string, string>;
  readonly reads: ReadsChecker;
  tries: number;
};

/**
 * A read that is answered knows of all that was acknowledged before it was asked (E12). A role that
 * did not hear of a hand-over may answer until its lease is over, and no longer.
 */
export class ReadsChecker {
  readonly violations: Violation[] = [];
  #newest = 0;

  /** The newest generation of which a client has an acknowledgement. */
  get newest(): number {
    return this.#newest;
  }

  acknowledged(generation: number): void {
    this.#newest = Math.max(this.#newest, generation);
  }

  /** Later than its lease: with the generation that was known when it was asked. */
  answered(server: string, asked: number, generation: number): void {
    if (generation >= asked) return;
    const what = `${server} answered at ${generation} when ${asked} was known`;
    this.violations.push({ rule: 'stale read', what });
  }
}
