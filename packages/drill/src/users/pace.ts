import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../measure/instant.ts';

export type Pace = {
  readonly everyMs: number;
  /** From a try that both addresses refused to the next. */
  readonly refusedPauseMs: number;
};

export type PacedClient = {
  /** The next try; resolves with whether it succeeded. */
  readonly act: () => Promise<boolean>;
  readonly pace: Pace;
  /** Which part of the pace the first try waits for, where it matters. */
  readonly phase?: number;
};

/** How long to rest after a try. */
export function restMs(
  pace: Pace,
  { tookMs, isGood }: { readonly tookMs: number; readonly isGood: boolean },
): number {
  return Math.max(0, (isGood ? pace.everyMs : pace.refusedPauseMs) - tookMs);
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
  await rest(pace.everyMs * phase, signal);
  while (!signal.aborted) {
    const startMs = nowMs();
    const isGood = await act();
    await rest(restMs(pace, { tookMs: nowMs() - startMs, isGood }), signal);
  }
}

export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined); // Aborted: the caller looks.
}
