// How a process dies or stalls in a simulation: what it waits for comes back never, or late.

import type { Clock } from '@understudy/ports';

/** One life of a process; when it ends, every port wrapped for it falls silent. */
export class Life {
  #isOver = false;
  #stalled: Promise<void> | undefined;
  #wake: () => void = () => {};

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when the process runs again; undefined while it does. */
  get stalled(): Promise<void> | undefined {
    return this.#stalled;
  }

  end(): void {
    this.#isOver = true;
  }

  /** SIGSTOP: calls under way go on in the stores, and their answers are read at `resume`. */
  stall(): void {
    this.#stalled ??= new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  resume(): void {
    this.#wake();
    this.#stalled = undefined;
  }
}

/**
 * `port` as a process sees it that lives `life`: after its end no call starts and no answer comes.
 * Calls that a store has already taken go on there, as they do when a client is killed.
 */
export function mortal<Port extends object>(port: Port, life: Life): Port {
  const methods = new Map<string | symbol, Method>();
  return new Proxy(port, {
    get(target, name) {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const method = mortalMethod(member as Method, { target, name, life });
      methods.set(name, method);
      return method;
    },
  });
}

type Method = (...parameters: unknown[]) => unknown;

function mortalMethod(
  member: Method,
  { target, name, life }: { target: object; name: string | symbol; life: Life },
): Method {
  return (...parameters) => {
    if (life.isOver) return never();
    if (name === 'timer') return lateTimer(parameters, target as Clock, life);
    const result = Reflect.apply(member, target, parameters);
    return result instanceof Promise ? heard(result, life) : result;
  };
}

/** A timer of a process that stalls fires when it runs again. */
function lateTimer(parameters: readonly unknown[], clock: Clock, life: Life): () => void {
  const [ms, act] = parameters as Parameters<Clock['timer']>;
  return clock.timer(ms, () => whenAwake(life, act));
}

/** Acts in this life: after a stall late, after the end not at all. */
function whenAwake(life: Life, act: () => void): void {
  if (life.isOver) return;
  if (life.stalled === undefined) act();
  else void life.stalled.then(() => whenAwake(life, act));
}

/** One for each: a promise keeps whatever waits for it. */
const never = () => new Promise<never>(() => {});

/** What comes of `result` in this life: after a stall late, after the end not at all. */
function heard(result: Promise<unknown>, life: Life): Promise<unknown> {
  return result.then(
    (value) => (isAwake(life) ? value : hearLater(result, life)),
    (error: unknown) => {
      if (isAwake(life)) throw error;
      return hearLater(result, life);
    },
  );
}

const isAwake = (life: Life): boolean => !life.isOver && life.stalled === undefined;

function hearLater(result: Promise<unknown>, life: Life): Promise<unknown> {
  if (life.isOver || life.stalled === undefined) return never();
  return life.stalled.then(() => heard(result, life));
}
