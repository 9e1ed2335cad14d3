import { counted } from '@understudy/core';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { DrillContext } from './drill-context.ts';

/** The phone that was off signs in until all that was kept for it in limited mode has come. */
export async function collectMessages(
  { traffic, signal, tell }: DrillContext,
  pool: string,
): Promise<PerformedStep> {
  const startMs = nowMs();
  const absent = traffic.absent(pool);
  while (absent.missing() > 0) {
    signal.throwIfAborted();
    if (nowMs() > startMs + bounds.servedMs) {
      const count = counted(absent.missing(), 'message');
      throw new Error(`${count} kept in limited mode did not come`);
    }
    await absent.signIn();
    await rest(bounds.pollMs, signal);
  }
  const why = 'the phone that was off signed in, and has all messages that were kept for it';
  tell(why);
  return { name: 'collect-messages', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}
