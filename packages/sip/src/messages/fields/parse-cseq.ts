import { isToken } from '../grammar/characters.ts';
import { readNumber } from '../grammar/read-number.ts';
import type { CSeq } from './cseq.ts';

/** The largest sequence number: less than 2^31 (RFC 3261, section 8.1.1.5). */
export const sequenceMax = 2 ** 31 - 1;

/** The value of a CSeq header field; undefined when it is malformed or its number too large. */
export function parseCSeq(text: string): CSeq | undefined {
  const trimmed = text.trim();
  const end = firstSpace(trimmed);
  const sequence = readNumber(trimmed.slice(0, end), sequenceMax);
  const method = trimmed.slice(end).trimStart();
  return sequence !== undefined && isToken(method) ? { sequence, method } : undefined;
}

function firstSpace(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === ' ' || text[at] === '\t') {
      return at;
    }
  }
  return text.length;
}

/** The value as it is sent. */
export function writeCSeq({ sequence, method }: CSeq): string {
  return `${sequence} ${method}`;
}
