import {
  buildResponse,
  headerField,
  mintTag,
  requestUri,
  type SipRequest,
  type SipResponse,
  type Source,
} from '@understudy/sip';
import { Problem } from '../problem.ts';
import { isOurs } from './own-user.ts';
import { register } from './register.ts';
import { refusalOf, SipRefusal } from './sip-refusal.ts';
import type { AnswerTools, SipTools } from './sip-tools.ts';

export type Answer = (
  request: SipRequest,
  source: Source,
  tools: AnswerTools,
) => Promise<SipResponse>;

const answers: Readonly<Record<string, Answer>> = { REGISTER: register, OPTIONS: describe };

/** How a request is answered that ends here: for our domain, and for none of its users. */
export function answerOf(request: SipRequest, tools: SipTools): Answer | undefined {
  const uri = requestUri(request);
  const isHere = uri?.kind === 'sip' && isOurs(uri, tools);
  const isForUser = isHere && uri.user !== undefined && request.method !== 'REGISTER';
  return isHere && !isForUser ? answers[request.method] : undefined;
}

const allow = headerField('Allow', 'REGISTER, OPTIONS, INVITE, ACK, CANCEL, BYE, MESSAGE, REFER');

/** RFC 3261, section 11.2: what this server can do; a phone sees that it lives. */
async function describe(request: SipRequest, _source: Source, tools: SipTools) {
  const headers = [allow, headerField('Accept', 'text/plain'), headerField('Supported', 'path')];
  return buildResponse(request, { status: 200, toTag: mintTag(tools.chance), headers });
}

/** Whether an error is an answer that was meant. */
export function isOwed(error: unknown): boolean {
  return error instanceof SipRefusal || error instanceof Problem;
}

/** What is owed for what went wrong: a mistake of ours is a 500 without its words. */
export function asRefusal(error: unknown): SipRefusal {
  if (error instanceof SipRefusal) return error;
  if (error instanceof Problem) return refusalOf(error);
  return new SipRefusal(500, 'Server Internal Error');
}
