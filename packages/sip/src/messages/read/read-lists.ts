import { parseSipDate } from '../fields/date.ts';
import { parseRetryAfter, type RetryAfter } from '../fields/retry-after.ts';
import { isToken } from '../grammar/characters.ts';
import { firstValue, listValues } from '../header-list.ts';
import type { SipMessage } from '../message.ts';

/** The fields that are lists of tokens. */
export type TokenList = 'allow' | 'supported' | 'require' | 'proxy-require' | 'unsupported';

/**
 * The tokens of such a field, in order and as written; empty ones are left out, as an empty
 * Supported is allowed (RFC 3261, section 20.37). What is no token is no option tag we could know.
 */
export function tokensOf(message: SipMessage, name: TokenList): readonly string[] {
  return listValues(message, name).filter(isToken);
}

/** Whether an option tag is among those of a field; option tags are compared without case. */
export function hasOptionTag(message: SipMessage, name: TokenList, tag: string): boolean {
  const wanted = tag.toLowerCase();
  return tokensOf(message, name).some((each) => each.toLowerCase() === wanted);
}

/** The Date in milliseconds since 1970; undefined when there is none, or none in GMT. */
export function dateOf(message: SipMessage): number | undefined {
  const value = firstValue(message, 'date');
  return value === undefined ? undefined : parseSipDate(value);
}

/** Retry-After; undefined when there is none or it is malformed. */
export function retryAfterOf(message: SipMessage): RetryAfter | undefined {
  const value = firstValue(message, 'retry-after');
  return value === undefined ? undefined : parseRetryAfter(value);
}

/** The media type of the body in lower case, without parameters; undefined when there is none. */
export function contentTypeOf(message: SipMessage): string | undefined {
  const value = firstValue(message, 'content-type');
  return value === undefined ? undefined : mediaType(value);
}

/** `type/subtype` in lower case, without parameters and the white space around the slash. */
export function mediaType(value: string): string {
  const [type = ''] = value.split(';', 1);
  return type
    .split('/')
    .map((part) => part.trim().toLowerCase())
    .join('/');
}
