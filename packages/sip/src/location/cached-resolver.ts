import type { Clock } from '@understudy/ports';
import type { DnsAnswer, Resolver } from './resolver.ts';

export type ResolverCacheLimits = {
  /** Answers kept; the oldest gives way. */
  readonly answersMax: number;
  /** No answer is kept longer, whatever its TTL: names move when a site fails. Milliseconds. */
  readonly ttlMsMax: number;
  /** An answer is kept at least so long: a TTL of 0 would ask again for every request. */
  readonly ttlMsMin: number;
  /** The longest for "there is none", since a name is often asked for just before it is made. */
  readonly missingTtlMsMax: number;
  /** How long a lookup that got no answer is not repeated (RFC 2308, section 7.2). */
  readonly failureMs: number;
};

export const defaultResolverCache: ResolverCacheLimits = {
  answersMax: 10_000,
  ttlMsMax: 3_600_000,
  ttlMsMin: 1_000,
  missingTtlMsMax: 300_000,
  failureMs: 1_000,
};

type Kept = { readonly answer: Promise<DnsAnswer<unknown>>; untilMs: number };

/** Remembers answers for their TTL, missing names too (RFC 2308), and asks each question once. */
export function createCachedResolver(
  resolver: Resolver,
  clock: Pick<Clock, 'bootMs'>,
  limits: ResolverCacheLimits = defaultResolverCache,
): Resolver {
  const kept = new Map<string, Kept>();
  const ask = async <Record>(key: string, look: () => Promise<DnsAnswer<Record>>) => {
    const known = kept.get(key);
    if (known !== undefined && clock.bootMs() < known.untilMs) {
      return (await known.answer) as DnsAnswer<Record>;
    }
    const fresh: Kept = { answer: look(), untilMs: Number.POSITIVE_INFINITY };
    keep(kept, { key, fresh, answersMax: limits.answersMax });
    try {
      const answer = (await fresh.answer) as DnsAnswer<Record>;
      fresh.untilMs = clock.bootMs() + keptMs(answer, limits);
      return answer;
    } catch (error) {
      fresh.untilMs = clock.bootMs() + limits.failureMs;
      throw error;
    }
  };
  return {
    naptr: (name) => ask(`naptr ${name.toLowerCase()}`, () => resolver.naptr(name)),
    srv: (name) => ask(`srv ${name.toLowerCase()}`, () => resolver.srv(name)),
    addresses: (name) => ask(`address ${name.toLowerCase()}`, () => resolver.addresses(name)),
  };
}

function keptMs({ records, ttlMs }: DnsAnswer<unknown>, limits: ResolverCacheLimits): number {
  const most = records.length === 0 ? limits.missingTtlMsMax : limits.ttlMsMax;
  return Math.max(limits.ttlMsMin, Math.min(ttlMs, most));
}

function keep(
  kept: Map<string, Kept>,
  { key, fresh, answersMax }: { key: string; fresh: Kept; answersMax: number },
): void {
  kept.delete(key);
  kept.set(key, fresh);
  const [oldest] = kept.keys(); // A Map keeps the order of insertion.
  if (kept.size > answersMax && oldest !== undefined) kept.delete(oldest);
}
