import type { TestContext } from 'node:test';
import { systemClock } from '@understudy/ports/system';
import { buildResponse } from '../messages/compose/build-response.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { callIdOf } from '../messages/read/read-fields.ts';
import type { ServerTransaction } from '../transactions/server-transaction.ts';
import { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Destination } from '../transports/destination.ts';
import { openTransports } from '../transports/open-transports.ts';
import { aRequest, type RequestDifference } from './messages.ts';
import { testCertificate } from './test-certificate.ts';
import { testChance } from './test-chance.ts';

/** Keeps all that it is told, and tells when something wanted is there. */
function anEar() {
  const heard: SipMessage[] = [];
  const waiting: (() => void)[] = [];
  return {
    hear: (message: SipMessage) => {
      heard.push(message);
      for (const look of waiting) look();
    },
    hears: (isWanted: (message: SipMessage) => boolean) =>
      new Promise<SipMessage>((resolve) => {
        const look = () => {
          const found = heard.find(isWanted);
          if (found !== undefined) resolve(found);
        };
        waiting.push(look);
        look();
      }),
  };
}

/** Answers a request with the statuses that are set for its method, and a CANCEL as phones do. */
function answerAs(
  answers: ReadonlyMap<string, readonly number[]>,
  transaction: ServerTransaction,
  layer: TransactionLayer,
): void {
  const { request } = transaction;
  if (request.method === 'CANCEL') {
    transaction.respond(buildResponse(request, { status: 200 }));
    const invite = layer.inviteOf(request);
    invite?.respond(buildResponse(invite.request, { status: 487, toTag: 'p' }));
  }
  for (const status of answers.get(request.method) ?? []) {
    transaction.respond(buildResponse(request, { status, toTag: 'p', copyRecordRoute: true }));
  }
}

async function openLayer(
  t: TestContext,
  { transport }: Destination,
  user: ConstructorParameters<typeof TransactionLayer>[0]['user'],
) {
  const holder: { layer?: TransactionLayer } = {};
  const transports = await openTransports({
    listeners: [{ transport, address: '127.0.0.1', port: 0, tls: testCertificate }],
    clock: systemClock,
    chance: testChance,
    tlsClient: { ca: testCertificate.cert },
    onMessage: (message, source) => holder.layer?.receive(message, source),
  });
  const layer = new TransactionLayer({
    clock: systemClock,
    carrier: transports,
    check: () => ({ kind: 'accept' }),
    user,
  });
  holder.layer = layer;
  t.after(async () => {
    layer.end();
    await transports[Symbol.asyncDispose]();
  });
  return { transports, layer };
}

/** A phone on a real socket that speaks one transport with its server; ended with the test. */
export async function aPhone(t: TestContext, server: Destination) {
  const { hear, hears } = anEar();
  /** Statuses that each method is answered with, in turn. */
  const answers = new Map<string, readonly number[]>();
  const { transports, layer } = await openLayer(t, server, {
    onRequest: (transaction) => {
      hear(transaction.request);
      answerAs(answers, transaction, layer);
    },
    onAck: hear,
  });
  const sends = (difference: RequestDifference) => {
    const request = aRequest(difference);
    layer.send(request, server, { onResponse: hear, onFailure: () => undefined });
    return request;
  };
  /** The answer with that status to a request of this phone. */
  const isTold = async (status: number, to: SipRequest) =>
    (await hears(
      (each) =>
        each.kind === 'response' && each.status === status && callIdOf(each) === callIdOf(to),
    )) as SipResponse;
  return {
    answers,
    sends,
    isTold,
    hears: async (method: string) =>
      (await hears((each) => each.kind === 'request' && each.method === method)) as SipRequest,
    registers: async (uri: string) => {
      await isTold(200, sends({ method: 'REGISTER', uri }));
    },
    sendsAlone: (request: SipRequest) => transports.send(request, server),
  };
}
