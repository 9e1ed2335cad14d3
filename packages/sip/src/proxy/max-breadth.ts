import { firstValue } from '../messages/header-list.ts';
import { readNumber } from '../messages/grammar/read-number.ts';
import type { SipRequest } from '../messages/message.ts';

// RFC 5393, section 5: how many copies of one request may be on their way at the same time, in all
// of the network. Without it, two users who forward to each other twice would double it each round.

/** For requests of those who do not know the field (section 5.3.3). */
export const breadthByDefault = 60;
/** What a request may bring; more is as good as no limit. */
const breadthMax = 255;

/** How many copies may still be made of a request. */
export function breadthOf(request: SipRequest): number {
  const value = firstValue(request, 'max-breadth');
  const given = value === undefined ? undefined : readNumber(value, breadthMax);
  return given ?? breadthByDefault;
}

/** The share of each copy; undefined when there is not one for each: 440 (section 5.3.3.1). */
export function splitBreadth(breadth: number, copies: number): readonly number[] | undefined {
  if (copies > breadth) return undefined;
  const share = Math.floor(breadth / copies);
  const left = breadth - share * copies;
  return Array.from({ length: copies }, (_, index) => share + (index < left ? 1 : 0));
}
