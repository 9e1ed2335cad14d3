// Bounds of the engine itself; those of a step stand with the step.

/** Pause between two tries of a step, in milliseconds. */
export const retryPauseMs = 250;
/** Tries to write to one's own control database before a run is left for another attempt. */
export const ownWriteTriesMax = 5;
/** Tries of a compare-and-set at a partner, each against what stood there instead. */
export const takeTriesMax = 3;
/** Lines that wait to be written at most; more notes than that are dropped. */
export const heldLinesMax = 1_000;
