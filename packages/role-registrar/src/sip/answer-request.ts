import {
  buildResponse,
  checkForServer,
  headerField,
  mintTag,
  requestUri,
  type ServerAbilities,
  type SipRequest,
  type SipResponse,
  toTag,
} from '@understudy/sip';
import { Problem } from '../problem.ts';
import { isOurs } from './own-user.ts';
import { registerOptionTags } from './outbound.ts';
import { register } from './register.ts';
import { refusalOf, SipRefusal } from './sip-refusal.ts';
import type { AnswerTools, Origin, SipTools } from './sip-tools.ts';

export type Answer = (
  request: SipRequest,
  origin: Origin,
  tools: AnswerTools,
) => Promise<SipResponse>;

const answers: Readonly<Record<string, Answer>> = { REGISTER: register, OPTIONS: describe };

/** How a request is answered that ends here: for our domain, and for none of its users. */
export function answerOf(request: SipRequest, tools: SipTools): Answer | undefined {
  const uri = requestUri(request);
  if (uri?.kind !== 'sip' || !isOurs(uri, tools)) return undefined;
  const isForUser = uri.user !== undefined && request.method !== 'REGISTER';
  // Within a dialog the address may be a phone's that stands beside this server.
  if (isForUser || toTag(request) !== undefined) return undefined;
  return answerHere;
}

/** RFC 3261, section 8.2: method and extensions come before anything that is asked for. */
async function answerHere(request: SipRequest, origin: Origin, tools: AnswerTools) {
  const verdict = checkForServer(request, abilities);
  const answer = answers[request.method];
  if (verdict.kind !== 'answer' && answer !== undefined) {
    return await answer(request, origin, tools);
  }
  const refused = verdict.kind === 'answer' ? verdict : { status: 501 };
  return buildResponse(request, { ...refused, toTag: mintTag(tools.chance) });
}

/** What passes through to phones. */
const passing = 'INVITE, ACK, CANCEL, BYE, MESSAGE, REFER, NOTIFY, UPDATE, PRACK, INFO, SUBSCRIBE';

const abilities: ServerAbilities = {
  methods: Object.keys(answers),
  knownMethods: [...passing.split(', '), 'PUBLISH'],
  schemes: ['sip', 'sips'],
  optionTags: registerOptionTags,
};

/** RFC 3261, section 11.2: what this server can do; a phone sees that it lives. */
async function describe(request: SipRequest, _origin: Origin, tools: SipTools) {
  const headers = [
    headerField('Allow', `${abilities.methods.join(', ')}, ${passing}`),
    headerField('Accept', 'text/plain'),
    headerField('Supported', registerOptionTags.join(', ')),
  ];
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
