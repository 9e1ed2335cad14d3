import type { NameAddr } from '../fields/name-addr.ts';
import { writeNameAddr } from '../fields/parse-name-addr.ts';
import { writeVia } from '../fields/parse-via.ts';
import type { Via } from '../fields/via.ts';
import { headerField } from '../header-field.ts';
import { withField, withoutFirstValue, withPrepended } from '../header-list.ts';
import { type SipRequest, type SipResponse, sipVersion } from '../message.ts';
import { maxForwardsOf } from '../read/read-fields.ts';
import { initialMaxForwards, refuseStartLine } from './build-request.ts';

/** What this hop changes in the copy of a request that it sends on. */
export type ForwardParts = {
  /** The target; the request's own, when it is left out. */
  readonly uri?: string;
  /** This hop's, with its branch. */
  readonly via: Via;
  /** This hop, when it wants to stay in the dialog's path. */
  readonly recordRoute?: NameAddr;
  /** Put before the Route values there are, in this order. */
  readonly routes?: readonly NameAddr[];
};

/**
 * The copy of a request for one target (RFC 3261, section 16.6, steps 1 to 8): all that came, in
 * its order and spelling, with Max-Forwards less one. A Max-Forwards of 0 has been refused before.
 */
export function forwardRequest(request: SipRequest, parts: ForwardParts): SipRequest {
  const { uri = request.uri, via, recordRoute, routes = [] } = parts;
  refuseStartLine(request.method, uri);
  const maxForwards = maxForwardsOf(request);
  // Step 3: one that is missing is set to 70.
  const next = maxForwards === undefined ? initialMaxForwards : Math.max(maxForwards - 1, 0);
  let copy: SipRequest = { ...request, uri, version: sipVersion };
  copy = withField(copy, 'Max-Forwards', `${next}`);
  for (const route of routes.toReversed()) {
    copy = withPrepended(copy, headerField('Route', writeNameAddr(route)));
  }
  if (recordRoute !== undefined) {
    copy = withPrepended(copy, headerField('Record-Route', writeNameAddr(recordRoute)));
  }
  return withPrepended(copy, headerField('Via', writeVia(via)));
}

/** The copy of a response for the hop before (section 16.7, step 3): without the top Via. */
export function forwardResponse(response: SipResponse): SipResponse {
  return { ...withoutFirstValue(response, 'via'), version: sipVersion };
}
