import { systemChance } from '@understudy/ports/system';
import {
  addressesOf,
  buildRequest,
  contactsOf,
  type Destination,
  firstValue,
  headerField,
  mintBranch,
  type SipRequest,
  type SipResponse,
  writeNameAddr,
  writeUri,
} from '@understudy/sip';

/** What a phone asks for. */
export type PhoneRequest = {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly sequence: number;
  /** More fields, as name and value. */
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
};

/** The request with a branch of its own: each sending is a transaction (RFC 3261, 8.1.1.7). */
export function buildPhoneRequest(asked: PhoneRequest): SipRequest {
  const { method, uri, from, to, callId, sequence, fields = [], body = '' } = asked;
  const all: readonly (readonly [string, string])[] = [
    // The transport fills in its own address.
    ['Via', `SIP/2.0/UDP phone.invalid;branch=${mintBranch(systemChance)};rport`],
    ['Max-Forwards', '70'],
    ['From', from],
    ['To', to],
    ['Call-ID', callId],
    ['CSeq', `${sequence} ${method}`],
    ...fields,
  ];
  const headers = all.map(([name, value]) => headerField(name, value));
  return buildRequest({ method, uri, headers, body: Buffer.from(body) });
}

/** A call that was answered: what goes on within it (RFC 3261, section 12.2.1.1). */
export type Dialog = {
  readonly uri: string;
  readonly to: string;
  readonly routes: readonly (readonly [string, string])[];
  /** Where the first hop is. */
  readonly hop: Destination;
};

/** Reads a 2xx as its caller; undefined where it makes no dialog (section 12.1.2). */
export function dialogOf(response: SipResponse): Dialog | undefined {
  const found = contactsOf(response);
  const contact = found?.kind === 'list' ? found.contacts[0] : undefined;
  const to = firstValue(response, 'to');
  const routes = addressesOf(response, 'record-route')?.toReversed();
  const first = routes?.[0]?.uri ?? contact?.uri;
  if (contact === undefined || to === undefined || first?.kind !== 'sip') return undefined;
  return {
    uri: writeUri(contact.uri),
    to,
    routes: (routes ?? []).map((each) => ['Route', writeNameAddr(each)]),
    hop: { transport: 'udp', address: first.host, port: first.port ?? 5060 },
  };
}
