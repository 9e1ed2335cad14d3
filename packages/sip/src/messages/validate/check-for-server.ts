import { contactsOf } from '../fields/contact.ts';
import { headerField } from '../header-field.ts';
import { firstValue, listValues } from '../header-list.ts';
import type { SipRequest } from '../message.ts';
import { contentTypeOf, mediaType } from '../read/read-lists.ts';
import { refuseUnlessAck, whyScheme, whyUnsupported } from './check-for-proxy.ts';
import { refuse, type Refusal, type Verdict } from './verdict.ts';

/** What a server (the end of a request's way) understands. */
export type ServerAbilities = {
  /** Methods that it answers, as written: `INVITE`. */
  readonly methods: readonly string[];
  /** Methods that it knows and answers for nobody: 405 instead of 501. */
  readonly knownMethods?: readonly string[];
  readonly schemes: readonly string[];
  /** Option tags in lower case. */
  readonly optionTags: readonly string[];
  /** Media types of bodies that it reads, in lower case; left out, any. */
  readonly contentTypes?: readonly string[];
  /** Media types of the bodies that it answers with, for Accept; left out, none is sent. */
  readonly answerTypes?: readonly string[];
};

/**
 * Whether a server may act on a request (RFC 3261, section 8.2, in its order), after `checkSyntax`
 * and authentication. Merged requests (482) need the server's transactions, and so belong to those.
 */
export function checkForServer(request: SipRequest, abilities: ServerAbilities): Verdict {
  const refusal =
    whyMethod(request, abilities) ??
    whyScheme(request, abilities.schemes) ??
    whyRequired(request, abilities) ??
    whyContact(request) ??
    whyContent(request, abilities) ??
    whyNotAcceptable(request, abilities);
  return refuseUnlessAck(request, refusal);
}

/** 405 with Allow for a method that is known (section 8.2.1), 501 for one that is not (21.5.2). */
function whyMethod({ method }: SipRequest, abilities: ServerAbilities): Refusal | undefined {
  const { methods, knownMethods = [] } = abilities;
  if (methods.includes(method)) {
    return undefined;
  }
  const allow = [headerField('Allow', methods.join(', '))];
  return knownMethods.includes(method)
    ? refuse(405, 'Method Not Allowed', allow)
    : refuse(501, 'Not Implemented', allow);
}

function whyRequired(request: SipRequest, abilities: ServerAbilities): Refusal | undefined {
  // Section 8.2.2.3: Require is ignored in CANCEL and in the ACK of a failure.
  return request.method === 'CANCEL'
    ? undefined
    : whyUnsupported(request, 'require', abilities.optionTags);
}

/** A dialog or a binding would be made with it (sections 12.1.1 and 10.3). */
function whyContact(request: SipRequest): Refusal | undefined {
  return contactsOf(request) === undefined
    ? refuse(400, 'Malformed Contact header field')
    : undefined;
}

/** 415 with Accept (section 8.2.3), unless the body may be passed over. */
function whyContent(request: SipRequest, { contentTypes }: ServerAbilities): Refusal | undefined {
  const type = contentTypeOf(request) ?? '';
  if (request.body.length === 0 || contentTypes === undefined || contentTypes.includes(type)) {
    return undefined;
  }
  const disposition = firstValue(request, 'content-disposition') ?? '';
  // Section 20.11: without a parameter, handling is required.
  return disposition.toLowerCase().includes('handling=optional')
    ? undefined
    : refuse(415, 'Unsupported Media Type', [headerField('Accept', contentTypes.join(', '))]);
}

/** 406 when the sender accepts nothing that the answer would be (section 21.4.7). */
function whyNotAcceptable(
  request: SipRequest,
  { answerTypes = [] }: ServerAbilities,
): Refusal | undefined {
  const ranges = listValues(request, 'accept').map(mediaType);
  const isAcceptable = answerTypes.some((type) => ranges.some((range) => isWithin(type, range)));
  return answerTypes.length === 0 || ranges.length === 0 || isAcceptable
    ? undefined
    : refuse(406, 'Not Acceptable');
}

function isWithin(type: string, range: string): boolean {
  return range === '*/*' || range === type || range === `${type.split('/')[0]}/*`;
}
