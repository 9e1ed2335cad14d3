import type { RunRequest } from '@understudy/core';
import type { Leading } from '../lead/leading.ts';
import type { Hands } from '../mount/open-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';

const tryAgainMs = 5_000;

/**
 * Begins the return of this site by itself when a copy here has diverged and the active one
 * answers. A return that failed is begun again after limits.quietBeforeReturnMs. One that could not
 * be begun, for nothing was done yet, and the next one after a success wait for a moment only.
 */
export async function beginReturn(
  { parts, memory }: Hands,
  leading: Leading,
): Promise<string | undefined> {
  const { clock } = parts;
  const nowMs = clock.bootMs();
  const { quietBeforeReturnMs } = parts.topology.limits;
  if (memory.returnNotBeforeMs !== undefined && nowMs < memory.returnNotBeforeMs) return undefined;
  const shortly = (): number => clock.bootMs() + Math.min(tryAgainMs, quietBeforeReturnMs);
  const request: RunRequest = {
    runbook: 'site-return',
    server: parts.server,
    mode: 'planned',
    isPartnerOff: false,
    by: 'system',
  };
  try {
    const begun = await leading.begin(request);
    if (begun.kind === 'elsewhere') return undefined;
    if (begun.kind === 'refused') {
      return `the return waits: ${begun.refusals.map(({ why }) => why).join('; ')}`;
    }
    memory.returnNotBeforeMs = nowMs + quietBeforeReturnMs;
    void begun.started.finished.then(({ state }) => {
      if (state === 'succeeded') memory.returnNotBeforeMs = shortly();
    });
    return `began the return as run ${begun.started.id}`;
  } catch (error) {
    memory.returnNotBeforeMs = shortly();
    return `the return could not begin: ${wordsOf(error)}`;
  }
}
