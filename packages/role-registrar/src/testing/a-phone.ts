import assert from 'node:assert/strict';
import { systemChance, systemClock } from '@understudy/ports/system';
import {
  buildRequest,
  buildResponse,
  checkSyntax,
  createDigestClient,
  type Destination,
  type DigestAlgorithm,
  fieldsOf,
  headerField,
  mintBranch,
  openTransports,
  type ServerTransaction,
  type SipRequest,
  type SipResponse,
  TransactionLayer,
  type Transport,
} from '@understudy/sip';
import type { RunningRegistrar } from '../start-registrar.ts';
import { realm } from './digest-client.ts';
import { testCertificate } from '@understudy/sip/testing';

export type TestPhone = AsyncDisposable & {
  /** The contact that this phone can be called at. */
  readonly contact: string;
  /** Asks, and answers a challenge once; resolves with the final response. */
  ask(method: string, difference?: PhoneRequest): Promise<SipResponse>;
  register(difference?: PhoneRequest): Promise<SipResponse>;
  /** Sends without a transaction: the ACK of a 2xx. */
  tell(method: string, difference: PhoneRequest): Promise<void>;
  /** Requests that came, in order; ACKs too. */
  readonly came: readonly SipRequest[];
  /** Responses that came, in order; provisional ones too. */
  readonly told: readonly SipResponse[];
  /** With which status requests are answered from now on; by default 200. 180 rings for ever. */
  answers(status: number): void;
};

export type PhoneRequest = {
  readonly uri?: string;
  readonly to?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly body?: string;
  /** More fields, as name and value. */
  readonly headers?: readonly (readonly [string, string])[];
};

export type PhoneOptions = {
  readonly name: string;
  readonly password: string;
  readonly transport?: Transport;
  readonly algorithm?: DigestAlgorithm;
  /** Of the user's address; that of the tests here where it is left out. */
  readonly domain?: string;
};

/** A SIP phone of a test, over real sockets; it knows one address of a server. */
export async function openPhone(
  { sip }: Pick<RunningRegistrar, 'sip'>,
  { name, password, transport = 'udp', algorithm = 'MD5', domain = realm }: PhoneOptions,
): Promise<TestPhone> {
  const came: SipRequest[] = [];
  const told: SipResponse[] = [];
  let status = 200;
  const place = sip.find((each) => each.transport === transport) ?? assert.fail('not listening');
  const to: Destination = { transport, address: place.address, port: place.port };
  const carrier = await openTransports({
    listeners: [{ transport, address: '127.0.0.1', port: 0, tls: testCertificate }],
    clock: systemClock,
    chance: systemChance,
    tlsClient: { ca: testCertificate.cert },
    onMessage: (message, source) => layer.receive(message, source),
  });
  const layer = new TransactionLayer({
    clock: systemClock,
    carrier,
    user: {
      onRequest: (transaction) => {
        came.push(transaction.request);
        if (transaction.request.method === 'CANCEL') stopRinging(layer, transaction, name);
        else answer(transaction, { status, contact, toTag: name });
      },
      onAck: (ack) => came.push(ack),
    },
    check: checkSyntax,
  });
  const own = carrier.listening[0] ?? assert.fail('the phone does not listen');
  const contact = `sip:${name}@127.0.0.1:${own.port};transport=${transport}`;
  const login = createDigestClient({ name, password, algorithms: [algorithm] });
  const callId = systemChance.uuid();
  let sequence = 0;
  const send = (request: SipRequest) => finalOf(layer, request, { to, told });
  const build = (method: string, difference: PhoneRequest, answer?: readonly [string, string]) => {
    sequence += 1;
    return aRequest({ name, domain, transport, callId, sequence, method, difference, answer });
  };
  const ask: TestPhone['ask'] = async (method, difference = {}) => {
    const first = await send(build(method, difference));
    const isAsked = first.status === 401 || first.status === 407;
    const challenge = first.status === 401 ? 'www-authenticate' : 'proxy-authenticate';
    const challenges = fieldsOf(first, challenge).map(({ value }) => value);
    if (!isAsked || !login.learn(challenges)) return first;
    const header = first.status === 401 ? 'Authorization' : 'Proxy-Authorization';
    const proof = login.answer(method, difference.uri ?? `sip:${domain}`) ?? assert.fail();
    return send(build(method, difference, [header, proof]));
  };
  return {
    contact,
    ask,
    came,
    told,
    answers: (next) => {
      status = next;
    },
    tell: async (method, difference) => carrier.send(build(method, difference), to),
    register: ({ headers = [], ...difference } = {}) =>
      ask('REGISTER', { ...difference, headers: [['Contact', `<${contact}>`], ...headers] }),
    [Symbol.asyncDispose]: async () => {
      layer.end();
      await carrier[Symbol.asyncDispose]();
    },
  };
}

type Answer = { readonly status: number; readonly contact: string; readonly toTag: string };

function answer(transaction: ServerTransaction, { status, contact, toTag }: Answer): void {
  const headers = [headerField('Contact', `<${contact}>`)];
  const parts = { status, headers, toTag, copyRecordRoute: true };
  transaction.respond(buildResponse(transaction.request, parts));
}

type Asking = { readonly to: Destination; readonly told: SipResponse[] };

/** The final response; rejects when none comes. */
function finalOf(layer: TransactionLayer, request: SipRequest, { to, told }: Asking) {
  return new Promise<SipResponse>((resolve, reject) => {
    layer.send(request, to, {
      onResponse: (response) => {
        told.push(response);
        if (response.status >= 200) resolve(response);
      },
      onFailure: ({ kind }) => reject(new Error(`${request.method} ${request.uri}: ${kind}`)),
    });
  });
}

function aRequest(asked: {
  readonly name: string;
  readonly domain: string;
  readonly transport: Transport;
  readonly callId: string;
  readonly sequence: number;
  readonly method: string;
  readonly difference: PhoneRequest;
  readonly answer: readonly [string, string] | undefined;
}): SipRequest {
  const { name, domain, transport, callId, sequence, method, difference, answer } = asked;
  const user = `<sip:${name}@${domain}>`;
  const sentBy = `SIP/2.0/${transport.toUpperCase()} phone.invalid`;
  const fields: readonly (readonly [string, string])[] = [
    ['Via', `${sentBy};branch=${mintBranch(systemChance)};rport`],
    ['Max-Forwards', '70'],
    ['From', difference.from ?? `${user};tag=${name}`],
    ['To', difference.to ?? user],
    ['Call-ID', difference.callId ?? callId],
    ['CSeq', `${difference.sequence ?? sequence} ${method}`],
    ...(difference.headers ?? []),
    ...(answer === undefined ? [] : [answer]),
  ];
  return buildRequest({
    method,
    uri: difference.uri ?? `sip:${domain}`,
    headers: fields.map(([field, value]) => headerField(field, value)),
    body: Buffer.from(difference.body ?? ''),
  });
}

/** What a phone owes to a CANCEL (RFC 3261, section 9.2). */
function stopRinging(layer: TransactionLayer, cancel: ServerTransaction, toTag: string): void {
  cancel.respond(buildResponse(cancel.request, { status: 200, toTag }));
  const ringing = layer.inviteOf(cancel.request);
  ringing?.respond(buildResponse(ringing.request, { status: 487, toTag }));
}
