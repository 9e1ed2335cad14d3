import { uniqueBranch } from '../messages/fields/parse-via.ts';
import { listValues } from '../messages/header-list.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { callIdOf, cseqOf, fromTag, topVia } from '../messages/read/read-fields.ts';

// How messages find their transaction, as texts that are equal exactly when the RFC says "match".

/** RFC 3261, section 17.1.3: the branch, and the method that CSeq names. */
export function clientKeyOf(message: SipMessage): string | undefined {
  const via = topVia(message);
  const branch = via && uniqueBranch(via);
  const method = message.kind === 'request' ? message.method : cseqOf(message)?.method;
  return branch === undefined || method === undefined ? undefined : `${branch} ${method}`;
}

/**
 * Section 17.2.3; undefined for a request that can match nothing. `method` is the method of the
 * transaction looked for: INVITE for its ACK, and for the CANCEL of it (section 9.2).
 */
export function serverKeyOf(
  request: SipRequest,
  method = request.method === 'ACK' ? 'INVITE' : request.method,
): string | undefined {
  const via = topVia(request);
  if (via === undefined) return undefined;
  const branch = uniqueBranch(via);
  // Two clients may choose the same branch by mistake, or by intent: sent-by keeps them apart.
  if (branch !== undefined) {
    return `${branch} ${via.host.toLowerCase()}:${via.port ?? ''} ${method}`;
  }
  return oldKeyOf(request, method);
}

/** What an element of RFC 2543 is matched by: everything but the tag of To, which an ACK gains. */
function oldKeyOf(request: SipRequest, method: string): string | undefined {
  const [via] = listValues(request, 'via');
  const [callId, sequence] = [callIdOf(request), cseqOf(request)?.sequence];
  if (via === undefined || callId === undefined || sequence === undefined) return undefined;
  return [request.uri, callId, fromTag(request) ?? '', sequence, via, method].join('\n');
}

/** Whether a response says that it answers an INVITE. */
export function isOfInvite(response: SipResponse): boolean {
  return cseqOf(response)?.method === 'INVITE';
}
