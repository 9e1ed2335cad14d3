import { go, type Machine } from './machine.ts';

export type NonInviteServerState =
  | ('initial' | 'trying' | 'proceeding')
  | ('completed' | 'terminated');

// RFC 3261, 17.2.2 (figure 8), as RFC 4320 corrects it: a 100 only when the client's timer E has
// come to T2 (4.1), no 408 ever, because it would reach nobody and could only be mistaken (4.2).

// prettier-ignore
// biome-ignore format: one row a line reads as the table it is.
export const nonInviteServer: Machine<NonInviteServerState> = {
  name: 'non-INVITE server',
  first: 'initial',
  table: {
    initial: {
      started:            go('trying',     ['start late', 'start unanswered', 'passRequest'], 'a new request'),
    },
    trying: {
      'timer late':       go('proceeding', ['sendTrying'],                       'a 100 now spares repetitions of 4 seconds each'),
      'timer unanswered': go('terminated', ['tellTimeout'],                      'the client has given up'),
      provisional:        go('trying',     [],                                   'too early: it would slow the client down (RFC 4320, 4.1)'),
      earlyTrying:        go('proceeding', ['sendResponse'],                     'a reliable transport may carry a 100 at any time'),
      final:              go('completed',  ['sendResponse', 'start J'],          'answered; the answer may be lost'),
      timeoutResponse:    go('terminated', [],                                   'a 408 is never sent (RFC 4320, 4.2)'),
      transportError:     go('trying',     ['tellTransportError'],               'the client may still be reached later (RFC 6026, 8)'),
    },
    proceeding: {
      'timer unanswered': go('terminated', ['tellTimeout'],                      'the client has given up'),
      request:            go('proceeding', ['sendLastResponse'],                 'the 100 was lost'),
      final:              go('completed',  ['sendResponse', 'start J'],          'answered; the answer may be lost'),
      timeoutResponse:    go('terminated', [],                                   'a 408 is never sent (RFC 4320, 4.2)'),
      transportError:     go('proceeding', ['tellTransportError'],               'the client may still be reached later (RFC 6026, 8)'),
    },
    completed: {
      request:            go('completed',  ['sendLastResponse'],                 'the final response was lost'),
      'timer J':          go('terminated', [],                                   'no request can come any more'),
      transportError:     go('completed',  ['tellTransportError'],               'the client may still be reached later (RFC 6026, 8)'),
    },
    terminated: {},
  },
};
