import type { RunRequest } from '@understudy/core';
import type { Leading } from '../lead/leading.ts';
import type { Hands } from '../mount/open-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';

/**
 * Begins the return of this site by itself when a copy here has diverged and the active one
 * answers. A return that failed is tried again after limits.quietBeforeReturnMs.
 */
export async function beginReturn(
  { parts, memory }: Hands,
  leading: Leading,
): Promise<string | undefined> {
  const nowMs = parts.clock.bootMs();
  const { quietBeforeReturnMs } = parts.topology.limits;
  if (memory.returnBegunMs !== undefined && nowMs - memory.returnBegunMs < quietBeforeReturnMs) {
    return undefined;
  }
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
    memory.returnBegunMs = nowMs;
    return `began the return as run ${begun.started.id}`;
  } catch (error) {
    memory.returnBegunMs = nowMs;
    return `the return could not begin: ${wordsOf(error)}`;
  }
}
