import { asPool } from '@understudy/core';
import type { Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';

/** Of a topology: the shortest that the limits allow. */
export const shortIntervals = `
limits:
  silenceBeforeLimitedMs: 5000
  quietBeforeReturnMs: 5000
`;

/** Waits until pool east is in limited mode at the west, or is not any more. */
export async function waitLimited(sites: Sites, state: 'on' | 'returning' | 'off'): Promise<void> {
  await waitFor(`that limited mode is ${state}`, async () => {
    const status = await sites.clientOf('west-1').status();
    const west = status.agents.find(({ server }) => server === 'west-1');
    const seen = west?.limited?.find(({ pool }) => pool === asPool('east'))?.state ?? 'off';
    if (seen !== state) throw new Error(`it is ${seen}: ${status.sentence}`);
    const serves = west?.roles.some(({ pools }) =>
      pools.some(({ pool, limitedSinceMs }) => pool === 'east' && limitedSinceMs !== undefined),
    );
    return (state !== 'off') === serves ? true : undefined;
  });
}
