import type { Clock } from '@understudy/ports';

export type EndingClock = {
  readonly clock: Clock;
  /** Calls off every timer, and starts none any more. */
  readonly end: () => void;
};

/** A clock whose timers end together: a server that stops must not wait for calls that ring. */
export function createEndingClock(clock: Clock): EndingClock {
  const running = new Set<() => void>();
  let isOver = false;
  const timer: Clock['timer'] = (ms, act) => {
    if (isOver) return () => undefined;
    const stopIt = clock.timer(ms, () => {
      running.delete(stop);
      act();
    });
    const stop = () => {
      running.delete(stop);
      stopIt();
    };
    running.add(stop);
    return stop;
  };
  return {
    clock: {
      timer,
      nowMs: () => clock.nowMs(),
      bootMs: () => clock.bootMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    },
    end: () => {
      isOver = true;
      for (const stop of running) stop();
    },
  };
}
