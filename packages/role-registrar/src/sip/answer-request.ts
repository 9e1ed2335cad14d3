import {
  buildResponse,
  headerField,
  mintTag,
  type SipRequest,
  type SipResponse,
  type Source,
} from '@understudy/sip';
import { Problem } from '../problem.ts';
import { register } from './register.ts';
import { refusalOf, SipRefusal } from './sip-refusal.ts';
import type { SipTools } from './sip-tools.ts';

type Answer = (request: SipRequest, source: Source, tools: SipTools) => Promise<SipResponse>;

const answers: Readonly<Record<string, Answer>> = { REGISTER: register, OPTIONS: describe };

/** The answer to a request that ends here. Never rejects: what goes wrong is an answer, too. */
export async function answerRequest(
  request: SipRequest,
  source: Source,
  tools: SipTools,
): Promise<SipResponse> {
  const answer = answers[request.method];
  try {
    if (answer === undefined) throw new SipRefusal(501, 'Not Implemented', [allow]);
    return await answer(request, source, tools);
  } catch (error) {
    const { status, message, headers } = asRefusal(error);
    return buildResponse(request, {
      status,
      reason: message,
      toTag: mintTag(tools.chance),
      headers,
    });
  }
}

const allow = headerField('Allow', Object.keys(answers).join(', '));

/** RFC 3261, section 11.2: what this server can do; a phone sees that it lives. */
async function describe(request: SipRequest, _source: Source, tools: SipTools) {
  const headers = [allow, headerField('Accept', 'text/plain'), headerField('Supported', 'path')];
  return buildResponse(request, { status: 200, toTag: mintTag(tools.chance), headers });
}

function asRefusal(error: unknown): SipRefusal {
  if (error instanceof SipRefusal) return error;
  if (error instanceof Problem) return refusalOf(error);
  return new SipRefusal(500, 'Server Internal Error');
}
