import { buildResponse, callIdOf, headerField, type SipRequest } from '@understudy/sip';
import { bounds } from '../bounds.ts';
import type { PhoneEar } from './open-phone-line.ts';

/** What a phone has seen of others. */
export type Heard = {
  /** Whether a message with this body has come. */
  message(body: string): boolean;
  /** Whether a call was answered here, and the caller has confirmed that. */
  call(callId: string): boolean;
};

/** A phone that takes every message, and answers every call at once. */
export function createEar(contact: string, tag: string): { ear: PhoneEar; heard: Heard } {
  const messages = new Set<string>();
  const answered = createRecent();
  const confirmed = createRecent();
  const headers = [headerField('Contact', `<${contact}>`)];
  const answer = (request: SipRequest) => {
    const callId = callIdOf(request) ?? '';
    if (request.method === 'INVITE') {
      answered.add(callId);
      return buildResponse(request, { status: 200, toTag: tag, copyRecordRoute: true, headers });
    }
    if (request.method === 'MESSAGE') messages.add(Buffer.from(request.body).toString('utf8'));
    // RFC 3261, section 15.1.2.
    const isUnknown = request.method === 'BYE' && !answered.has(callId);
    return buildResponse(request, { status: isUnknown ? 481 : 200, toTag: tag });
  };
  return {
    ear: { onRequest: answer, onAck: (ack) => confirmed.add(callIdOf(ack) ?? '') },
    heard: {
      message: (body) => messages.has(body),
      call: (callId) => answered.has(callId) && confirmed.has(callId),
    },
  };
}

/** The last few, so that calls nobody ended are forgotten. */
function createRecent() {
  const kept = new Set<string>();
  return {
    has: (text: string) => kept.has(text),
    add: (text: string) => {
      kept.add(text);
      const [oldest = ''] = kept; // A Set keeps the order of insertion.
      if (kept.size > bounds.callsKept) kept.delete(oldest);
    },
  };
}
