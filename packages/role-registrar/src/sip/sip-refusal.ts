import { headerField, type HeaderField } from '@understudy/sip';
import type { Problem } from '../problem.ts';

/** A request that is answered with something else than was asked for. */
export class SipRefusal extends Error {
  override readonly name = 'SipRefusal';
  readonly status: number;
  readonly headers: readonly HeaderField[];
  /** `reason`: the phrase of the answer, in ASCII; it says what is wrong, not where we look. */
  constructor(status: number, reason: string, headers: readonly HeaderField[] = []) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }
}

// prettier-ignore
// biome-ignore format: one status a line reads as the table it is.
/**
 * Statuses of HTTP as SIP says them. Wrong passwords that come too fast get a 500 with Retry-After
 * (RFC 3261, section 21.5.1): after a 503 the phone would try the same at the other pool, and after
 * a 403 it would ask its user for another password.
 */
const sipStatus: Readonly<Record<number, number>> = {
  400: 400,
  404: 404,
  409: 403,
  413: 413,
  422: 403,
  429: 500,
  503: 503,
};

export function refusalOf(problem: Problem): SipRefusal {
  const { what, retryAfterMs } = problem.details;
  const headers =
    retryAfterMs === undefined
      ? []
      : [headerField('Retry-After', `${Math.max(1, Math.ceil(retryAfterMs / 1000))}`)];
  const reason = what.replaceAll(/[^ -~]/g, '?');
  return new SipRefusal(sipStatus[problem.status] ?? 500, reason, headers);
}
