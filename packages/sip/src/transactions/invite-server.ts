import { go, type Machine } from './machine.ts';

export type InviteServerState =
  | ('initial' | 'trying' | 'proceeding' | 'completed')
  | ('confirmed' | 'accepted' | 'terminated');

// RFC 3261, 17.2.1 (figure 7), as RFC 6026, section 7.1, corrects it: after a 2xx the transaction
// stays to absorb INVITEs sent again, and an error of the transport ends nothing. `trying` is the
// figure's Proceeding before anything was sent: else a row would need a condition.

// prettier-ignore
// biome-ignore format: one row a line reads as the table it is.
export const inviteServer: Machine<InviteServerState> = {
  name: 'INVITE server',
  first: 'initial',
  table: {
    initial: {
      started:        go('trying',     ['start trying', 'passRequest'],          'a new INVITE'),
    },
    trying: {
      'timer trying': go('proceeding', ['sendTrying'],                           'the client would send its INVITE again'),
      request:        go('proceeding', ['sendTrying'],                           'the client sends again because it knows nothing'),
      provisional:    go('proceeding', ['sendResponse'],                         'the call makes progress'),
      success:        go('accepted',   ['sendResponse', 'start L'],              'the user of the transaction repeats the 2xx until its ACK'),
      failure:        go('completed',  ['sendResponse', 'start G', 'start H'],   'repeated until the ACK comes'),
      transportError: go('trying',     ['tellTransportError'],                   'the client may still be reached later (RFC 6026, 7.1)'),
    },
    proceeding: {
      request:        go('proceeding', ['sendLastResponse'],                     'the last provisional response was lost'),
      provisional:    go('proceeding', ['sendResponse'],                         'the call makes progress'),
      success:        go('accepted',   ['sendResponse', 'start L'],              'the user of the transaction repeats the 2xx until its ACK'),
      failure:        go('completed',  ['sendResponse', 'start G', 'start H'],   'repeated until the ACK comes'),
      transportError: go('proceeding', ['tellTransportError'],                   'the client may still be reached later (RFC 6026, 7.1)'),
    },
    completed: {
      request:        go('completed',  ['sendLastResponse'],                     'the final response was lost'),
      'timer G':      go('completed',  ['sendLastResponse', 'start G'],          'no ACK came: the final response may be lost'),
      'timer H':      go('terminated', ['tellTimeout'],                          'the ACK never came'),
      ack:            go('confirmed',  ['start I'],                              'the client has the final response'),
      transportError: go('completed',  ['tellTransportError'],                   'the client may still be reached later (RFC 6026, 7.1)'),
    },
    confirmed: {
      'timer I':      go('terminated', [],                                       'no ACK can come any more'),
    },
    accepted: {
      success:        go('accepted',   ['sendResponse'],                         'no ACK came, or another branch answered'),
      ack:            go('accepted',   ['passAck'],                              'the ACK of a 2xx is for the user of the transaction'),
      transportError: go('accepted',   ['tellTransportError'],                   'the client may still be reached later (RFC 6026, 7.1)'),
      'timer L':      go('terminated', [],                                       'no INVITE can come any more'),
    },
    terminated: {},
  },
};
