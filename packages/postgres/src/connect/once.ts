/** Runs `work` until it has succeeded once; callers at the same time share one try. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work().catch((error: unknown) => {
      running = undefined; // A store that was down may be up at the next question.
      throw error;
    });
    return running;
  };
}
