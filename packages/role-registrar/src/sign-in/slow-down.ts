// Guessing is slowed down by who asks and by whom they ask for. Names that do not exist are counted
// like those that do, so the slowness tells nothing. What is counted leaks away with time.

export type Attempt = { readonly source: string; readonly user: string };
export type SlowDown = {
  /** How long this one must wait before it may try again; 0 when it may now. */
  waitMs(attempt: Attempt): number;
  failed(attempt: Attempt): void;
};

/** Wrong answers allowed at once, and how long each takes to be forgotten. */
export type SlowDownLimit = { readonly burst: number; readonly forgetMs: number };
const pairLimit: SlowDownLimit = { burst: 8, forgetMs: 5_000 };
/** Many users can share one address (NAT). */
const sourceLimit: SlowDownLimit = { burst: 50, forgetMs: 500 };
/** High, so that a stranger cannot lock a user out from one or a few addresses. */
const userLimit: SlowDownLimit = { burst: 200, forgetMs: 500 };

const keysMax = 20_000;
type Level = { height: number; atMs: number };

export function createSlowDown(clockMs: () => number): SlowDown {
  const levels = new Map<string, Level>();
  const heightOf = (key: string, { forgetMs }: SlowDownLimit) => {
    const level = levels.get(key);
    return level === undefined
      ? 0
      : Math.max(0, level.height - (clockMs() - level.atMs) / forgetMs);
  };
  return {
    waitMs: (attempt) => {
      const waits = keysOf(attempt).map(([key, limit]) => {
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
        if (levels.size > keysMax && oldest !== undefined) levels.delete(oldest);
      }
    },
  };
}

function keysOf({ source, user }: Attempt): readonly (readonly [string, SlowDownLimit])[] {
  return [
    [`pair ${source} ${user}`, pairLimit],
    [`source ${source}`, sourceLimit],
    [`user ${user}`, userLimit],
  ];
}
