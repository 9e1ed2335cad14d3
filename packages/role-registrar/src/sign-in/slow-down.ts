// Guessing is slowed down by who asks and by whom they ask for. Names that do not exist are counted
// like those that do, so the slowness tells nothing. What is counted leaks away with time.
//
// A user who has signed in from an address waits there for own mistakes only: otherwise a few
// phones with an old password would keep everybody behind the same address out for as long as
// they go on trying.

export type Attempt = { readonly source: string; readonly user: string };
export type SlowDown = {
  /** How long this one must wait before it may try again; 0 when it may now. */
  waitMs(attempt: Attempt): number;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
  /** Levels that are remembered. */
  readonly size: number;
};

/** Wrong answers allowed at once, and how long each takes to be forgotten. */
export type SlowDownLimit = { readonly burst: number; readonly forgetMs: number };
const pairLimit: SlowDownLimit = { burst: 8, forgetMs: 5_000 };
/** Many users can share one address (NAT). */
const sourceLimit: SlowDownLimit = { burst: 50, forgetMs: 500 };
/** High, so that a stranger cannot lock a user out from one or a few addresses. */
const userLimit: SlowDownLimit = { burst: 200, forgetMs: 500 };

export const slowDownKeysMax = 20_000;
/** Users with the addresses from which they have signed in. */
const provenMax = 100_000;
/** No wait is longer, whatever happened before: the longest is that of a user's own level. */
export const slowDownMsMax = Math.max(
  ...[pairLimit, sourceLimit, userLimit].map(({ burst, forgetMs }) => (burst + 1) * forgetMs),
);
type Level = { height: number; atMs: number };

export function createSlowDown(clockMs: () => number): SlowDown {
  const levels = new Map<string, Level>();
  const proven = new Set<string>();
  const heightOf = (key: string, { forgetMs }: SlowDownLimit) => {
    const level = levels.get(key);
    return level === undefined
      ? 0
      : Math.max(0, level.height - (clockMs() - level.atMs) / forgetMs);
  };
  return {
    get size() {
      return levels.size;
    },
    waitMs: (attempt) => {
      const keys = keysOf(attempt);
      const counted = proven.has(keys[0][0]) ? keys.slice(0, 1) : keys;
      const waits = counted.map(([key, limit]) => {
        const over = heightOf(key, limit) + 1 - limit.burst;
        return over > 0 ? over * limit.forgetMs : 0;
      });
      return Math.ceil(Math.max(...waits));
    },
    failed: (attempt) => {
      for (const [key, limit] of keysOf(attempt)) {
        const height = Math.min(heightOf(key, limit) + 1, limit.burst * 2);
        levels.delete(key);
        levels.set(key, { height, atMs: clockMs() });
        const [oldest] = levels.keys();
        if (levels.size > slowDownKeysMax && oldest !== undefined) levels.delete(oldest);
      }
    },
    succeeded: (attempt) => {
      const [[pair]] = keysOf(attempt);
      levels.delete(pair);
      proven.delete(pair);
      proven.add(pair);
      const [oldest] = proven; // A Set keeps the order of insertion.
      if (proven.size > provenMax && oldest !== undefined) proven.delete(oldest);
    },
  };
}

type Key = readonly [string, SlowDownLimit];

function keysOf({ source, user }: Attempt): readonly [Key, ...(readonly Key[])] {
  return [
    [`pair ${source} ${user}`, pairLimit],
    [`source ${source}`, sourceLimit],
    [`user ${user}`, userLimit],
  ];
}
