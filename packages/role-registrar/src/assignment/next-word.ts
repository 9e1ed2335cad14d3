/** Clients that wait at once for what the agent says next; more are answered as it is. */
const waitingMax = 2_000;

/** Lets clients wait for the agent's next word, which comes about once a second. */
export type NextWord = {
  /** Resolves when the agent has spoken, or at the bound. */
  wait(ms: number): Promise<void>;
  spoken(): void;
};

export function createNextWord(): NextWord {
  const waiting = new Set<() => void>();
  return {
    wait: (ms) => {
      if (waiting.size >= waitingMax) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        waiting.add(end);
      });
    },
    spoken: () => {
      for (const end of waiting) end();
    },
  };
}
