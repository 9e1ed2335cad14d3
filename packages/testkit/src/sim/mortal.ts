// How a process dies in a simulation: nothing it waits for ever comes back.

/** One life of a process; when it ends, every port wrapped for it falls silent. */
export class Life {
  #isOver = false;
  get isOver(): boolean {
    return this.#isOver;
  }
  end(): void {
    this.#isOver = true;
  }
}

/**
 * `port` as a process sees it that lives `life`: after its end no call starts and no answer comes.
 * Calls that a store has already taken go on there, as they do when a client is killed.
 */
export function mortal<Port extends object>(port: Port, life: Life): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) => {
        if (life.isOver) return never;
        const result: unknown = Reflect.apply(member, target, parameters);
        return result instanceof Promise ? silenced(result, life) : result;
      };
    },
  });
}

const never = new Promise<never>(() => {});

function silenced(result: Promise<unknown>, life: Life): Promise<unknown> {
  return new Promise((resolve, reject) => {
    result.then(
      (value) => {
        if (!life.isOver) resolve(value);
      },
      (error: unknown) => {
        if (!life.isOver) reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
