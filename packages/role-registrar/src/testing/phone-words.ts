import type { SipRequest } from '@understudy/sip';
import { realm } from './digest-client.ts';

// What the tests' phones ask for again and again.

/** A request for a user of ours. */
export const to = (name: string) => ({
  uri: `sip:${name}@${realm}`,
  to: `<sip:${name}@${realm}>`,
});

/** The same, with text in it. */
export const text = (name: string, body: string) => ({
  ...to(name),
  body,
  headers: [['Content-Type', 'text/plain']] as const,
});

/** What a REGISTER says that takes all phones of its user off (RFC 3261, section 10.2.2). */
export const star = {
  headers: [
    ['Contact', '*'],
    ['Expires', '0'],
  ] as const,
};

export const bodyOf = ({ body }: SipRequest): string => Buffer.from(body).toString();
