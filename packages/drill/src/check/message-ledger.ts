import { firstAtOrAfter, type Window } from '../measure/attempt-series.ts';

/** A message between phones whose writer was told that it is done (200), or kept (202). */
export type AcknowledgedMessage = {
  /** Its body, which no other has. */
  readonly id: string;
  readonly pool: string;
  readonly how: 'delivered' | 'kept';
  readonly endMs: number;
  /** What the phone that it was for says. */
  readonly isHeard: () => boolean;
};

/** The phones' own record of what was acknowledged to them. */
export type MessageLedger = {
  add(message: AcknowledgedMessage): void;
  /** Acknowledged and not heard: each has to wait for its phone in the serving copy. */
  unheard(pool: string): readonly AcknowledgedMessage[];
  count(window: Window): number;
};

export function createMessageLedger(): MessageLedger {
  const endings: number[] = [];
  let open: AcknowledgedMessage[] = [];
  return {
    add: (message) => {
      endings.push(message.endMs);
      if (!message.isHeard()) open.push(message);
    },
    unheard: (pool) => {
      open = open.filter(({ isHeard }) => !isHeard());
      return open.filter((each) => each.pool === pool);
    },
    count: ({ fromMs, toMs }) => firstAtOrAfter(endings, toMs) - firstAtOrAfter(endings, fromMs),
  };
}
