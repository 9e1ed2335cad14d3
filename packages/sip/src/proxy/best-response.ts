import { withHeaders } from '../messages/header-list.ts';
import type { SipResponse } from '../messages/message.ts';

/** Those of 4xx that tell the client what to do (RFC 3261, section 16.7, step 6), best first. */
const helpful = [401, 407, 415, 420, 484];
const challenges = new Set(['www-authenticate', 'proxy-authenticate']);

/** The response to send back when every branch has failed (step 6); undefined without any. */
export function chooseBestResponse(responses: readonly SipResponse[]): SipResponse | undefined {
  const [best] = responses.toSorted((one, other) => rankOf(one) - rankOf(other));
  if (best === undefined) return undefined;
  return best.status === 401 || best.status === 407 ? withAllChallenges(best, responses) : best;
}

/** A 6xx is the last word; else the lowest class, and in it what helps, then what comes first. */
function rankOf({ status }: SipResponse): number {
  if (status >= 600) return 0;
  // One overloaded branch says nothing of the others: 503 is the last of its class.
  if (status === 503) return 599;
  const place = helpful.indexOf(status);
  return Math.floor(status / 100) * 100 + (place < 0 ? helpful.length : place);
}

/** Step 7: each branch may want credentials of its own, and the client must see all of them. */
function withAllChallenges(best: SipResponse, responses: readonly SipResponse[]): SipResponse {
  const others = responses.filter(
    (each) => each !== best && (each.status === 401 || each.status === 407),
  );
  const fields = others.flatMap(({ headers }) => headers.filter(({ key }) => challenges.has(key)));
  return withHeaders(best, [...best.headers, ...fields]);
}
