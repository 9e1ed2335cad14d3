import type { Clock } from '@understudy/ports';

/** Questions that wait for news at once; more are answered with what there is. */
const waitingMax = 1_000;

/** Tells that what the roles are to know has changed, to the agents that serve by it too. */
export type PictureNews = {
  /** Grows with each change. */
  number(): number;
  tell(): void;
  /** Resolves at the next change, or after so long. */
  next(waitMs: number): Promise<void>;
};

export function createPictureNews(clock: Clock): PictureNews {
  const waiting = new Set<() => void>();
  let number = 0;
  return {
    number: () => number,
    tell: () => {
      number += 1;
      for (const end of waiting) end();
    },
    next: (waitMs) => {
      if (waitMs <= 0 || waiting.size >= waitingMax) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          stop();
          waiting.delete(end);
          resolve();
        };
        const stop = clock.timer(waitMs, end);
        waiting.add(end);
      });
    },
  };
}
