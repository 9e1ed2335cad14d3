import { go, type Machine } from './machine.ts';

export type NonInviteClientState =
  | ('initial' | 'trying' | 'proceeding')
  | ('completed' | 'terminated');

// RFC 3261, 17.1.2 (figure 6).

// prettier-ignore
// biome-ignore format: one row a line reads as the table it is.
export const nonInviteClient: Machine<NonInviteClientState> = {
  name: 'non-INVITE client',
  first: 'initial',
  table: {
    initial: {
      started:        go('trying',     ['sendRequest', 'start E', 'start F'], 'the request goes out'),
    },
    trying: {
      'timer E':      go('trying',     ['sendRequest', 'start E'],            'nothing was heard: the request may be lost'),
      'timer F':      go('terminated', ['tellTimeout'],                       'nobody answered'),
      transportError: go('terminated', ['tellTransportError'],                'the request could not be sent'),
      provisional:    go('proceeding', ['passResponse'],                      'the request arrived'),
      final:          go('completed',  ['passResponse', 'start K'],           'answered; the answer may come again'),
    },
    proceeding: {
      'timer E':      go('proceeding', ['sendRequest', 'start E at T2'],      'only a repetition brings back a final response that was lost'),
      'timer F':      go('terminated', ['tellTimeout'],                       'a final response never came'),
      transportError: go('terminated', ['tellTransportError'],                'the request could not be sent'),
      provisional:    go('proceeding', ['passResponse'],                      'it is still being worked on'),
      final:          go('completed',  ['passResponse', 'start K'],           'answered; the answer may come again'),
    },
    completed: {
      'timer K':      go('terminated', [],                                    'no response can come any more'),
    },
    terminated: {},
  },
};
