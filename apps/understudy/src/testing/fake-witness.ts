import type { KeptWitness } from '../up/keep-witness.ts';

/** A keeper in the place of the one that starts a PostgreSQL. */
export const keepFakeWitness = (): KeptWitness => ({ keep: async () => {}, stop: async () => {} });
