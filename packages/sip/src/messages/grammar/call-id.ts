import { isAllOf, wordCharacters } from './characters.ts';

/**
 * `callid = word [ "@" word ]` (RFC 3261, section 25.1). More than one `@` is let through: it is
 * compared octet by octet whatever it holds, and there are senders that make it from an address.
 */
export function isWordPair(text: string): boolean {
  return isAllOf(wordCharacters, text);
}
