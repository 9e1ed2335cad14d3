import type { Clock } from '@understudy/ports';
import { type Action, type Fact, type Machine, next } from './machine.ts';
import { type TimerName, type TimerSettings, waitMsOf } from './timers.ts';

/** An action that is not a timer: done by whoever runs the transaction. */
export type Deed = Exclude<Action, `start ${string}`>;

export type RunOptions<State extends string, Given> = {
  readonly machine: Machine<State>;
  readonly clock: Clock;
  readonly timers: TimerSettings;
  readonly isReliable: boolean;
  /** Does what a row asks for; `given` is what came with the fact. */
  readonly act: (deed: Deed, given: Given | undefined) => void;
  /** Called once, when nothing more can happen. */
  readonly onEnd: () => void;
};

/** Walks one transaction through its table. */
export class RunningTransaction<State extends string, Given> {
  readonly #options: RunOptions<State, Given>;
  readonly #running = new Map<TimerName, () => void>();
  readonly #started = new Map<TimerName, number>();
  // Facts that an action makes known wait until the row is done: a user may answer at once.
  readonly #facts: { readonly fact: Fact; readonly given: Given | undefined }[] = [];
  #state: State;
  #isWalking = false;

  constructor(options: RunOptions<State, Given>) {
    this.#options = options;
    this.#state = options.machine.first;
  }

  get state(): State {
    return this.#state;
  }

  tell(fact: Fact, given?: Given): void {
    this.#facts.push({ fact, given });
    if (this.#isWalking) return;
    this.#isWalking = true;
    try {
      // Ends: each fact moves on in a table that has no circle without a timer or a message.
      for (let told = this.#facts.shift(); told !== undefined; told = this.#facts.shift()) {
        this.#walk(told.fact, told.given);
      }
    } finally {
      this.#isWalking = false;
    }
  }

  /** Stops the timers and tells nobody: the process ends, or the flow is gone for good. */
  end(): void {
    for (const stop of this.#running.values()) stop();
    this.#running.clear();
  }

  #walk(fact: Fact, given: Given | undefined): void {
    const { machine, act, onEnd } = this.#options;
    const row = next(machine, this.#state, fact);
    if (row === undefined) return; // T3
    this.#state = row.to;
    this.#stopStrangers(row.to);
    for (const action of row.actions) {
      if (isTimer(action)) this.#start(action);
      else act(action, given);
    }
    if (Object.keys(machine.table[row.to]).length > 0) return;
    this.end();
    onEnd();
  }

  /** T2. */
  #stopStrangers(state: State): void {
    const rows = this.#options.machine.table[state];
    for (const [name, stop] of this.#running) {
      if (rows[`timer ${name}`] !== undefined) continue;
      stop();
      this.#running.delete(name);
    }
  }

  #start(action: `start ${TimerName}` | 'start E at T2'): void {
    const isAtT2 = action === 'start E at T2';
    const name = isAtT2 ? 'E' : (action.slice('start '.length) as TimerName);
    const startedBefore = this.#started.get(name) ?? 0;
    const { clock, isReliable, timers: settings } = this.#options;
    const waitMs = waitMsOf(name, { isReliable, startedBefore, isAtT2, settings });
    if (waitMs === undefined) return;
    this.#started.set(name, startedBefore + 1);
    this.#running.get(name)?.();
    if (waitMs === 0) {
      this.#facts.push({ fact: `timer ${name}`, given: undefined });
      return;
    }
    const stop = clock.timer(waitMs, () => {
      this.#running.delete(name);
      this.tell(`timer ${name}`);
    });
    this.#running.set(name, stop);
  }
}

function isTimer(action: Action): action is Exclude<Action, Deed> {
  return action.startsWith('start ');
}
