import { headerField } from '../header-field.ts';
import type { SipRequest } from '../message.ts';
import { maxForwardsOf, requestUri } from '../read/read-fields.ts';
import { type TokenList, tokensOf } from '../read/read-lists.ts';
import { accepted, refuse, type Refusal, type Verdict } from './verdict.ts';

/** What a proxy understands. */
export type ProxyAbilities = {
  /** Schemes of Request-URIs it can route, in lower case: `sip`, `sips`, `tel`. */
  readonly schemes: readonly string[];
  /** Option tags it knows, in lower case. */
  readonly optionTags: readonly string[];
};

/**
 * Whether a proxy may pass a request on (RFC 3261, section 16.3, steps 2, 3 and 5), after
 * `checkSyntax`. Loops (step 4) need the proxy's own branches, and so belong to it.
 */
export function checkForProxy(request: SipRequest, abilities: ProxyAbilities): Verdict {
  const refusal =
    whyScheme(request, abilities.schemes) ??
    whyNoHops(request) ??
    whyUnsupported(request, 'proxy-require', abilities.optionTags);
  return refuseUnlessAck(request, refusal);
}

/** An ACK is dropped where another request would be answered (section 17.1.1.3). */
export function refuseUnlessAck(request: SipRequest, refusal: Refusal | undefined): Verdict {
  if (refusal === undefined) {
    return accepted;
  }
  return request.method === 'ACK' ? { kind: 'drop', why: refusal.reason } : refusal;
}

/** 416 for a scheme that is not understood (sections 8.2.2.1 and 16.3). */
export function whyScheme(request: SipRequest, schemes: readonly string[]): Refusal | undefined {
  const scheme = requestUri(request)?.scheme;
  return scheme !== undefined && schemes.includes(scheme)
    ? undefined
    : refuse(416, 'Unsupported URI Scheme');
}

function whyNoHops(request: SipRequest): Refusal | undefined {
  return maxForwardsOf(request) === 0 ? refuse(483, 'Too Many Hops') : undefined;
}

/** 420 with what is not supported (section 8.2.2.3). */
export function whyUnsupported(
  request: SipRequest,
  name: TokenList,
  known: readonly string[],
): Refusal | undefined {
  const unknown = tokensOf(request, name).filter((tag) => !known.includes(tag.toLowerCase()));
  return unknown.length === 0
    ? undefined
    : refuse(420, 'Bad Extension', [headerField('Unsupported', unknown.join(', '))]);
}
