import { TimedOutError } from '@understudy/ports';
import type { Hands } from '../mount/open-mount.ts';

/** Between two pictures sent to roles that have just been started and may not listen yet. */
const askAgainMs = 50;

/** Starts the roles, also against a word that kept them stopped; resolves when they have heard. */
export async function startRoles({ parts, assigner }: Hands): Promise<void> {
  const { clock, supervisor, topology, server } = parts;
  await supervisor.allowRoles();
  await supervisor.startRoles();
  const untilMs = clock.bootMs() + topology.limits.orderTimeoutMs;
  for (;;) {
    const unheard = await assigner.assign();
    if (unheard === undefined) return;
    if (clock.bootMs() >= untilMs) throw new TimedOutError(`the roles of ${server}: ${unheard}`);
    await clock.sleep(askAgainMs);
  }
}
