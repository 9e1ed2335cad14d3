import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../measure/instant.ts';

export type Pace = {
  readonly everyMs: number;
  /** After both addresses have refused in a row. */
  readonly refusedPauseMs: number;
};

/** How long to rest after a try; after a first refusal the other address is tried at once. */
export function restMs(
  pace: Pace,
  tried: { readonly tookMs: number; readonly refusals: number },
): number {
  const { tookMs, refusals } = tried;
  if (refusals === 0) return Math.max(0, pace.everyMs - tookMs);
  return refusals % 2 === 1 ? 0 : Math.max(0, pace.refusedPauseMs - tookMs);
}

/**
 * Tries again and again until the signal; `act` says whether it succeeded. The first try waits for
 * a part of the pace, so that many clients do not walk in step.
 */
export async function keepTrying(
  act: () => Promise<boolean>,
  {
    pace,
    phase,
    signal,
  }: { readonly pace: Pace; readonly phase: number; readonly signal: AbortSignal },
): Promise<void> {
  let refusals = 0;
  await rest(pace.everyMs * phase, signal);
  while (!signal.aborted) {
    const startMs = nowMs();
    refusals = (await act()) ? 0 : refusals + 1;
    await rest(restMs(pace, { tookMs: nowMs() - startMs, refusals }), signal);
  }
}

export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined); // Aborted: the caller looks.
}
