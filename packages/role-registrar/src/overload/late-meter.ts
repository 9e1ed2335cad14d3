import type { Clock } from '@understudy/ports';

/** How late this process gets to what is due. */
export type LateMeter = {
  /** Milliseconds by which everything has been late for a while; one long pause counts as none. */
  lateMs(): number;
  end(): void;
};

const sampleMs = 50;
/** A pause (a collection of garbage, a big answer) makes one sample late, not all of them. */
const samplesKept = 5;

/**
 * Measures by a timer that ought to come every 50 ms. What stands in line is the least lateness of
 * the latest samples: a burst is worked off between two of them, an overload is in each.
 * `clockMs`: milliseconds since whenever, finer than the hundredths of time since boot.
 */
export function startLateMeter(clock: Pick<Clock, 'timer'>, clockMs: () => number): LateMeter {
  let samples: readonly number[] = [];
  let stop: () => void = () => undefined;
  const sample = () => {
    const dueMs = clockMs() + sampleMs;
    stop = clock.timer(sampleMs, () => {
      samples = [...samples, Math.max(0, clockMs() - dueMs)].slice(-samplesKept);
      sample();
    });
  };
  sample();
  return {
    lateMs: () => (samples.length < samplesKept ? 0 : Math.min(...samples)),
    end: () => stop(),
  };
}
