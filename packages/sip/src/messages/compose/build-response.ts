import { headerField, type HeaderField } from '../header-field.ts';
import { fieldsOf } from '../header-list.ts';
import { type SipRequest, type SipResponse, sipVersion } from '../message.ts';
import { toTag } from '../read/read-fields.ts';
import { reasonPhrase } from './reason-phrases.ts';

/** What a response says beyond what its request gives. */
export type ResponseParts = {
  /** 100 to 699. */
  readonly status: number;
  /** The registered phrase, when it is left out. */
  readonly reason?: string;
  /**
   * Added to To where the request's has none, in all but 100 (section 8.2.6.2). The same one for
   * every response of a request; `mintTag` makes it.
   */
  readonly toTag?: string;
  /** Copied from the request into responses that make a dialog (section 12.1.1). */
  readonly copyRecordRoute?: boolean;
  /** Behind the copied fields, in this order. */
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
};

/**
 * The response to a request (RFC 3261, section 8.2.6): all of Via, and From, To, Call-ID and CSeq
 * as they came. What is missing or doubled in a malformed request is missing, or there once.
 */
export function buildResponse(request: SipRequest, parts: ResponseParts): SipResponse {
  const { status, reason, copyRecordRoute, headers = [], body = new Uint8Array() } = parts;
  return {
    kind: 'response',
    version: sipVersion,
    status,
    reason: reason ?? reasonPhrase(status),
    headers: [
      ...fieldsOf(request, 'via'),
      ...(copyRecordRoute === true ? fieldsOf(request, 'record-route') : []),
      ...fieldsOf(request, 'from').slice(0, 1),
      ...taggedTo(request, parts),
      ...fieldsOf(request, 'call-id').slice(0, 1),
      ...fieldsOf(request, 'cseq').slice(0, 1),
      // Section 8.2.6.1: a 100 carries the request's Timestamp.
      ...(status === 100 ? fieldsOf(request, 'timestamp') : []),
      ...headers,
    ],
    body,
    faults: [],
  };
}

function taggedTo(request: SipRequest, { status, toTag: tag }: ResponseParts): HeaderField[] {
  const [field] = fieldsOf(request, 'to');
  if (field === undefined) {
    return [];
  }
  const isTagged = toTag(request) !== undefined;
  return isTagged || tag === undefined || status === 100
    ? [field]
    : [{ ...headerField(field.name, `${field.value};tag=${tag}`), ...encodingOf(field) }];
}

function encodingOf({ encoding }: HeaderField): Pick<HeaderField, 'encoding'> {
  return encoding === undefined ? {} : { encoding };
}
