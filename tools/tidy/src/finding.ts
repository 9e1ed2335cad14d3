/** One breach of a house rule: where, which, and what to do about it. */
export type Finding = {
  /** Relative to the repository. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do, in a sentence. */
  readonly say: string;
};

/** The finding as an editor can follow it. */
export function formatFinding({ path, line, rule, say }: Finding): string {
  return `${path}:${line} ${rule}: ${say}`;
}
