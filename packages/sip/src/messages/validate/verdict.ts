import type { HeaderField } from '../header-field.ts';

/** What is to be done with a message before anyone acts on it. */
export type Verdict =
  | { readonly kind: 'accept' }
  /** A response is owed, and nothing else: `buildResponse(request, verdict)` makes it. */
  | Refusal
  /** Nothing may be sent for it: a response, an ACK, or a request that has no Via to answer to. */
  | { readonly kind: 'drop'; readonly why: string };

/** The status and phrase that the RFC asks for, and the fields that go with it. */
export type Refusal = {
  readonly kind: 'answer';
  readonly status: number;
  /** Says what is wrong, as RFC 3261, section 21.4.1, recommends. */
  readonly reason: string;
  readonly headers: readonly HeaderField[];
};

/** A refusal with its fields. */
export function refuse(
  status: number,
  reason: string,
  headers: readonly HeaderField[] = [],
): Refusal {
  return { kind: 'answer', status, reason, headers };
}

export const accepted: Verdict = { kind: 'accept' };
