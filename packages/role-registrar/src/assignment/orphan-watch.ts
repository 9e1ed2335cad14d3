// E12 has a role exit when its channel to the agent closes, and yet roles outlive an agent that is
// replaced (decisions/0017). Both hold: past its deadline a role answers nothing whoever is gone,
// and it exits only when no agent has spoken for `roleOrphanMs` after the last deadline, which is
// time enough for `up` to start an agent that adopts it.

export type OrphanWatch = {
  /** An agent spoke. */
  heard(): void;
  /** Deadlines of the mounts that hold now, in milliseconds since boot. */
  mounted(deadlinesMs: readonly number[]): void;
  isOrphan(): boolean;
};

export function createOrphanWatch(options: {
  readonly bootMs: () => number;
  readonly roleOrphanMs: number;
}): OrphanWatch {
  const { bootMs, roleOrphanMs } = options;
  let lastMs = bootMs();
  const notBefore = (moment: number) => {
    lastMs = Math.max(lastMs, moment);
  };
  return {
    heard: () => notBefore(bootMs()),
    mounted: (deadlinesMs) => notBefore(Math.max(bootMs(), ...deadlinesMs)),
    isOrphan: () => bootMs() > lastMs + roleOrphanMs,
  };
}
