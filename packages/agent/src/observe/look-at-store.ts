import type {
  CopyObservation,
  DatasetName,
  SetAsideDatabase,
  StoreIdentity,
  StoreName,
} from '@understudy/core';
import type { DatasetEngine } from '@understudy/ports';

/** One look at one store of this server; one that does not answer is a finding, no error. */
export type StoreLook = {
  readonly store: StoreName;
  readonly isUp: boolean;
  readonly identity?: StoreIdentity;
  readonly error?: string;
  /** Its disk is full or nearly so, in words. */
  readonly shortage?: string;
  /** Datasets whose database is here by its label; undefined when the store did not say. */
  readonly datasets?: readonly DatasetName[];
  /** Those of them that could be looked at. */
  readonly copies: readonly CopyObservation[];
  readonly setAside: readonly SetAsideDatabase[];
};

export async function lookAtStore(engine: DatasetEngine): Promise<StoreLook> {
  const { store } = engine;
  try {
    const [identity, copies, datasets, setAside] = await Promise.all([
      engine.identify(),
      engine.observe(),
      engine.listDatasets(),
      engine.listSetAside(),
    ]);
    return { store, isUp: true, identity, datasets, copies, setAside };
  } catch (error) {
    return { store, isUp: false, error: wordsOf(error), copies: [], setAside: [] };
  }
}

/** What an error says of itself, for sentences. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
