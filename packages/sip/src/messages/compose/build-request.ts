import { isToken, isVisibleAscii } from '../grammar/characters.ts';
import { writeCSeq } from '../fields/parse-cseq.ts';
import { splitList } from '../grammar/split-list.ts';
import { headerField, type HeaderField, SipBuildError } from '../header-field.ts';
import { fieldsOf, firstValue } from '../header-list.ts';
import { type SipRequest, type SipResponse, sipVersion } from '../message.ts';
import { cseqOf } from '../read/read-fields.ts';

/** Hops that a request of ours may take (RFC 3261, section 8.1.1.6). */
export const initialMaxForwards = 70;

/** What a request is made of. */
export type RequestParts = {
  readonly method: string;
  readonly uri: string;
  /** All of them but Content-Length, which the writer adds; in this order. */
  readonly headers: readonly HeaderField[];
  readonly body?: Uint8Array;
};

/** A request of our own. Throws `SipBuildError` when method or URI would end the start line. */
export function buildRequest({ method, uri, headers, body }: RequestParts): SipRequest {
  refuseStartLine(method, uri);
  return {
    kind: 'request',
    version: sipVersion,
    method,
    uri,
    headers,
    body: body ?? new Uint8Array(),
    faults: [],
  };
}

/** Throws `SipBuildError` when method or Request-URI would end the start line, or their part. */
export function refuseStartLine(method: string, uri: string): void {
  if (!isToken(method) || !isVisibleAscii(uri)) {
    const shown = JSON.stringify(`${method} ${uri}`.slice(0, 60));
    throw new SipBuildError(
      `sip request line: ${shown} has a method or URI with white space or controls; escape them`,
    );
  }
}

/**
 * The CANCEL of a request that this side sent (section 9.1): the same Request-URI, Call-ID, To,
 * From, number and Route, and its top Via alone, so that it takes the same way and matches there.
 */
export function buildCancel(sent: SipRequest): SipRequest {
  return buildRequest({
    method: 'CANCEL',
    uri: sent.uri,
    headers: sameTransaction(sent, { method: 'CANCEL', to: sent }),
  });
}

/**
 * The ACK of a final response other than 2xx (section 17.1.1.3): as the INVITE this side sent, with
 * the To of the response, which has the tag. The ACK of a 2xx is a transaction of its own
 * (section 13.2.2.4).
 */
export function buildAckOfFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return buildRequest({
    method: 'ACK',
    uri: invite.uri,
    headers: sameTransaction(invite, { method: 'ACK', to: response }),
  });
}

type Follower = { readonly method: string; readonly to: SipRequest | SipResponse };

function sameTransaction(sent: SipRequest, { method, to }: Follower): HeaderField[] {
  const sequence = cseqOf(sent)?.sequence ?? 0;
  return [
    ...fieldsOf(sent, 'via').slice(0, 1).map(firstOfList),
    headerField('Max-Forwards', firstValue(sent, 'max-forwards') ?? `${initialMaxForwards}`),
    ...fieldsOf(sent, 'route'),
    ...fieldsOf(sent, 'from').slice(0, 1),
    ...fieldsOf(to, 'to').slice(0, 1),
    ...fieldsOf(sent, 'call-id').slice(0, 1),
    headerField('CSeq', writeCSeq({ sequence, method })),
  ];
}

/** A field with the first of its values only: a Via line may hold several. */
function firstOfList(field: HeaderField): HeaderField {
  const [value = ''] = splitList(field.value);
  return { ...field, value };
}
