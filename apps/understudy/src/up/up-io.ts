import type { keepWitness } from './keep-witness.ts';

/** Where `up` says what became ready, and how it is told to end. */
export type UpIo = {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Another program in the agent's place, for tests. */
  readonly agentProgram?: string;
  /** Who keeps the embedded witness, for tests: another in its place. */
  readonly keepWitness?: typeof keepWitness;
};
