import { go, type Machine } from './machine.ts';

export type InviteClientState =
  | ('initial' | 'calling' | 'proceeding' | 'completed')
  | ('accepted' | 'terminated');

// RFC 3261, 17.1.1 (figure 5), as RFC 6026, section 7.2, corrects it: a 2xx does not end the
// transaction, because forked requests bring several, and all belong to whoever called.

// prettier-ignore
// biome-ignore format: one row a line reads as the table it is.
export const inviteClient: Machine<InviteClientState> = {
  name: 'INVITE client',
  first: 'initial',
  table: {
    initial: {
      started:        go('calling',    ['sendRequest', 'start A', 'start B'],  'the request goes out'),
    },
    calling: {
      'timer A':      go('calling',    ['sendRequest', 'start A'],             'nothing was heard: the request may be lost'),
      'timer B':      go('terminated', ['tellTimeout'],                        'nobody answered'),
      transportError: go('terminated', ['tellTransportError'],                 'the request could not be sent'),
      provisional:    go('proceeding', ['passResponse'],                       'the request arrived'),
      success:        go('accepted',   ['passResponse', 'start M'],            'further 2xx may come from other branches'),
      failure:        go('completed',  ['sendAck', 'passResponse', 'start D'], 'the server repeats it until it sees the ACK'),
    },
    proceeding: {
      provisional:    go('proceeding', ['passResponse'],                       'the call makes progress'),
      success:        go('accepted',   ['passResponse', 'start M'],            'further 2xx may come from other branches'),
      failure:        go('completed',  ['sendAck', 'passResponse', 'start D'], 'the server repeats it until it sees the ACK'),
    },
    completed: {
      failure:        go('completed',  ['sendAck'],                            'the ACK was lost'),
      transportError: go('terminated', ['tellTransportError'],                 'the ACK could not be sent'),
      'timer D':      go('terminated', [],                                     'no response can come any more'),
    },
    accepted: {
      success:        go('accepted',   ['passResponse'],                       'another branch answered, or an ACK was lost end to end'),
      'timer M':      go('terminated', [],                                     'no 2xx can come any more'),
    },
    terminated: {},
  },
};
