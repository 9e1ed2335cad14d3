import type { Log } from '@understudy/ports';
import type { Registrar } from '../registrar.ts';
import type { FlowBinding } from './phone-flows.ts';

/** Removals that are on their way to the store at once: phones that come back stand before them. */
const goingMax = 64;
/** As many as a server has connections; a binding beyond these ends by its life. */
const waitingMaxDefault = 100_000;

/**
 * Removes the bindings of connections that have ended, where this server serves their pool still.
 * Nothing waits for it: a call that comes meanwhile tries the phone's contact in vain.
 */
export function createFlowEnds(
  registrar: Pick<Registrar, 'served'>,
  log: Log,
  waitingMax = waitingMaxDefault,
) {
  const waiting = new Set<FlowBinding>(); // A Set keeps the order of insertion.
  let going = 0;
  let isStopping = false;
  const remove = async ({ userId, pool, binding }: FlowBinding) => {
    const registration = { ...binding, contacts: 'flowEnded' as const };
    await registrar.served(pool)?.bindings.submit({ userId, registration });
  };
  const next = () => {
    while (going < goingMax) {
      const [bound] = waiting;
      if (bound === undefined) return;
      waiting.delete(bound);
      going += 1;
      remove(bound)
        .catch((error: unknown) => log.say('debug', `sip: a binding stays: ${String(error)}`))
        .finally(() => {
          going -= 1;
          next();
        });
    }
  };
  return {
    /** What this server closes because it stops, its phones open again: at another, perhaps. */
    stop: (): void => {
      isStopping = true;
      waiting.clear();
    },
    ended: (bound: readonly FlowBinding[]): void => {
      if (isStopping) return;
      for (const each of bound.slice(0, waitingMax - waiting.size)) waiting.add(each);
      next();
    },
  };
}
