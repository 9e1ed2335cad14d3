/** Where `up` says what became ready, and how it is told to end. */
export type UpIo = {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Another program in the agent's place, for tests. */
  readonly agentProgram?: string;
};
