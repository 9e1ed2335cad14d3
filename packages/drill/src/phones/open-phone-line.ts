import { systemChance, systemClock } from '@understudy/ports/system';
import {
  buildResponse,
  checkSyntax,
  type Destination,
  nameOfDestination,
  openTransports,
  requestUri,
  type SipRequest,
  type SipResponse,
  TransactionLayer,
} from '@understudy/sip';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';

/** One UDP socket that many phones share: files that one process may open are few. */
export type PhoneLine = AsyncDisposable & {
  /** Where a phone of this name is reached. */
  contactOf(name: string): string;
  /** From now on requests for that contact are this phone's. */
  connect(name: string, ear: PhoneEar): void;
  /**
   * Resolves with the final response; with undefined when none comes in time, which is short where
   * no phone of this line has heard anything of that server since.
   */
  ask(request: SipRequest, to: Destination): Promise<SipResponse | undefined>;
  /** Sends without waiting for anything: the ACK of a 2xx. */
  tell(request: SipRequest, to: Destination): void;
};

/** What a phone does with what comes. */
export type PhoneEar = {
  /** Answers a request. */
  onRequest(request: SipRequest): SipResponse;
  onAck(ack: SipRequest): void;
};

/** All servers of a drill are on this machine. */
const address = '127.0.0.1';

/** Opens the socket at a port that the system gives; rejects with the system's error. */
export async function openPhoneLine(): Promise<PhoneLine> {
  const ears = new Map<string, PhoneEar>();
  const heardAtMs = new Map<string, number>();
  const holder: { layer?: TransactionLayer } = {};
  const transports = await openTransports({
    listeners: [{ transport: 'udp', address, port: 0 }],
    clock: systemClock,
    chance: systemChance,
    onMessage: (message, source) => {
      heardAtMs.set(nameOfDestination(source), nowMs());
      holder.layer?.receive(message, source);
    },
  });
  const layer = new TransactionLayer({
    clock: systemClock,
    carrier: transports,
    check: checkSyntax,
    user: {
      onRequest: (transaction) => {
        const { request } = transaction;
        const ear = ears.get(userOf(request));
        transaction.respond(ear?.onRequest(request) ?? buildResponse(request, { status: 404 }));
      },
      onAck: (ack) => ears.get(userOf(ack))?.onAck(ack),
    },
  });
  holder.layer = layer;
  const [{ port } = { port: 0 }] = transports.listening;
  return {
    contactOf: (name) => `sip:${name}@${address}:${port}`,
    connect: (name, ear) => ears.set(name, ear),
    ask: (request, to) => {
      const sentAtMs = nowMs();
      const hasSpoken = () => (heardAtMs.get(nameOfDestination(to)) ?? 0) > sentAtMs;
      return finalOf(layer, { request, to, hasSpoken });
    },
    // What the system does not take is as lost as what the network loses.
    tell: (request, to) => void transports.send(request, to).catch(() => undefined),
    [Symbol.asyncDispose]: async () => {
      layer.end();
      await transports[Symbol.asyncDispose]();
    },
  };
}

function userOf(request: SipRequest): string {
  const uri = requestUri(request);
  return uri?.kind === 'sip' ? (uri.user ?? '') : '';
}

type Asked = {
  readonly request: SipRequest;
  readonly to: Destination;
  /** Whether anything has come from there since. */
  readonly hasSpoken: () => boolean;
};

/**
 * A dead server says nothing over UDP, and is given up soon. One that is only slow is waited for:
 * who leaves it and asks again makes it slower.
 */
function finalOf(
  layer: TransactionLayer,
  { request, to, hasSpoken }: Asked,
): Promise<SipResponse | undefined> {
  return new Promise((resolve) => {
    const end = (response: SipResponse | undefined) => {
      clearTimeout(timer);
      resolve(response);
    };
    const giveUp = () => {
      transaction.end();
      end(undefined);
    };
    let timer = setTimeout(() => {
      if (!hasSpoken()) return giveUp();
      timer = setTimeout(giveUp, bounds.requestMs - bounds.silenceMs);
    }, bounds.silenceMs);
    const transaction = layer.send(request, to, {
      onResponse: (response) => {
        if (response.status >= 200) end(response);
      },
      onFailure: () => end(undefined),
    });
  });
}
