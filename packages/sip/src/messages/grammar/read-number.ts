import { digits, isAllOf } from './characters.ts';

/** Digits beyond which a number is larger than any that SIP allows, zeros in front apart. */
const digitsMax = 15;

/** A whole number of at most `max`; undefined for anything but digits, and for more. */
export function readNumber(text: string, max: number): number | undefined {
  if (!isAllOf(digits, text)) {
    return undefined;
  }
  const number = readLargeNumber(text);
  return number > max ? undefined : number;
}

/** A whole number from digits; infinite where it is too large to be told apart. */
function readLargeNumber(text: string): number {
  let from = 0;
  while (text[from] === '0' && from < text.length - 1) {
    from += 1;
  }
  return text.length - from > digitsMax ? Number.POSITIVE_INFINITY : Number(text.slice(from));
}

/** The largest delta-seconds that RFC 3261, section 20.19, knows. */
export const deltaSecondsMax = 2 ** 32 - 1;

/**
 * Seconds from now. A number beyond 2^32 - 1 is taken as that (RFC 4475, section 3.1.2.4, allows it
 * for expiry); undefined for anything but digits.
 */
export function readDeltaSeconds(text: string): number | undefined {
  const number = readNumber(text, Number.POSITIVE_INFINITY);
  return number === undefined ? undefined : Math.min(number, deltaSecondsMax);
}
