import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // os.uptime() counts suspend, process.hrtime() does not (V3).
  bootMs: () => uptime() * 1000,
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  timer: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
