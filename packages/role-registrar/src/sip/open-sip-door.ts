import {
  checkSyntax,
  type Listening,
  openTransports,
  TransactionLayer,
  type TransactionUser,
} from '@understudy/sip';
import type { Clock, Log } from '@understudy/ports';
import { answerRequest } from './answer-request.ts';
import type { SipTools } from './sip-tools.ts';

export type SipDoorOptions = {
  readonly host: string;
  /** UDP and TCP alike; 0 asks the system. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: Omit<SipTools, 'ownHosts'>;
};

export type SipDoor = AsyncDisposable & { readonly listening: readonly Listening[] };

/** Opens the users' SIP, over UDP and TCP. Rejects where the port is taken. */
export async function openSipDoor(options: SipDoorOptions): Promise<SipDoor> {
  const { host, port, clock, log, tools } = options;
  const whole: SipTools = { ...tools, ownHosts: [host] };
  const user: TransactionUser = {
    onRequest: (transaction) => {
      answerRequest(transaction.request, transaction.source, whole)
        .then((response) => transaction.respond(response))
        .catch((error: unknown) => log.say('error', `sip: ${String(error)}`));
    },
    onAck: () => {},
  };
  const onMessage: TransactionLayer['receive'] = (message, source) =>
    layer.receive(message, source);
  const open = (tcpPort: number, udpPort: number) =>
    openTransports({
      listeners: [
        { transport: 'tcp', address: host, port: tcpPort },
        { transport: 'udp', address: host, port: udpPort },
      ],
      clock,
      chance: tools.chance,
      onMessage,
    });
  const carrier = await open(port, port);
  const layer = new TransactionLayer({
    clock,
    carrier,
    user,
    check: checkSyntax,
    onDropped: (why) => log.say('debug', `sip: ${why}`),
  });
  return {
    listening: carrier.listening,
    [Symbol.asyncDispose]: async () => {
      layer.end();
      await carrier[Symbol.asyncDispose]();
    },
  };
}
