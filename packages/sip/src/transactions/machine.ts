import type { TimerName } from './timers.ts';

// What the four transaction machines of RFC 3261, section 17, have in common.
//
// T1. The tables hold no conditions: who judges a message does so before and tells a fact.
// T2. A timer stops when its transaction comes to a state that has no row for it.
// T3. A fact without a row changes nothing: that is how retransmissions are absorbed.

export type TimerFact = `timer ${TimerName}`;

/** What can become known to a transaction. */
export type Fact =
  | ('started' | 'provisional' | 'success' | 'failure' | 'final')
  | ('request' | 'ack' | 'transportError' | 'timeoutResponse' | 'earlyTrying')
  | TimerFact;

/** What the machine asks of whoever runs it. `start X` starts a timer from the table of timers. */
export type Action =
  // Of a client: the request, the ACK of a failure (17.1.1.3), and what its user is told.
  | ('sendRequest' | 'sendAck' | 'passResponse')
  // Of a server: the response that came with the fact, the last one sent, a 100 of our own.
  | ('sendResponse' | 'sendLastResponse' | 'sendTrying' | 'passRequest' | 'passAck')
  | ('tellTimeout' | 'tellTransportError')
  | `start ${TimerName}`
  | 'start E at T2';

export type Row<State extends string> = {
  readonly to: State;
  readonly actions: readonly Action[];
  readonly why: string;
};

export type Machine<State extends string = string> = {
  readonly name: string;
  readonly first: State;
  readonly table: {
    readonly [state in State]: { readonly [fact in Fact]?: Row<State> };
  };
};

export function go<State extends string>(
  to: State,
  actions: readonly Action[],
  why: string,
): Row<State> {
  return { to, actions, why };
}

/** What follows from `fact` in `state`; undefined where nothing does. */
export function next<State extends string>(
  machine: Machine<State>,
  state: State,
  fact: Fact,
): Row<State> | undefined {
  return machine.table[state][fact];
}
