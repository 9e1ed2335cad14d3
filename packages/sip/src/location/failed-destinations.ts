import type { Clock } from '@understudy/ports';
import { type Destination, hostOf } from '../transports/destination.ts';

/** Where requests failed a moment ago: asked last, and not for long (RFC 3263, section 4.3). */
export type FailedDestinations = {
  /** `forMs`: what the destination itself has asked for, by Retry-After. */
  failed(destination: Destination, forMs?: number): void;
  answered(destination: Destination): void;
  hasFailed(destination: Pick<Destination, 'address' | 'port'>): boolean;
};

export type FailedDestinationsLimits = {
  /** Remembered at once; the oldest gives way. */
  readonly destinationsMax: number;
  /** As long as it takes to notice once more that nobody answers (64 times T1). */
  readonly forgetMs: number;
};

export const defaultFailedDestinations: FailedDestinationsLimits = {
  destinationsMax: 1_000,
  forgetMs: 32_000,
};

export function createFailedDestinations(
  clock: Pick<Clock, 'bootMs'>,
  { destinationsMax, forgetMs }: FailedDestinationsLimits = defaultFailedDestinations,
): FailedDestinations {
  const untilMs = new Map<string, number>();
  return {
    failed: (destination, forMs = forgetMs) => {
      const key = keyOf(destination);
      untilMs.delete(key);
      untilMs.set(key, clock.bootMs() + Math.min(forMs, forgetMs));
      const [oldest] = untilMs.keys(); // A Map keeps the order of insertion.
      if (untilMs.size > destinationsMax && oldest !== undefined) untilMs.delete(oldest);
    },
    answered: (destination) => {
      untilMs.delete(keyOf(destination));
    },
    hasFailed: (destination) => clock.bootMs() < (untilMs.get(keyOf(destination)) ?? 0),
  };
}

/** A server that is down is so by any transport. */
function keyOf({ address, port }: Pick<Destination, 'address' | 'port'>): string {
  return `${hostOf(address)}:${port}`;
}

/** The same in the same order, but for those that have failed, which come last. */
export function failedLast(
  destinations: readonly Destination[],
  failed: FailedDestinations | undefined,
): readonly Destination[] {
  if (failed === undefined) return destinations;
  const rank = (each: Destination) => (failed.hasFailed(each) ? 1 : 0);
  return destinations.toSorted((one, other) => rank(one) - rank(other));
}
