import type { MessageLimits } from '../message-limits.ts';

/** Where the head of a message ends, in octets from the beginning of the buffer. */
export type HeadEnd =
  | { readonly kind: 'found'; readonly end: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'tooLong'; readonly what: 'startLine' | 'head' };

/** The empty line and the end of the line before it. */
const endOfHead = Buffer.from('\r\n\r\n', 'latin1');
const endOfLine = Buffer.from('\r\n', 'latin1');

/**
 * Looks for the empty line that ends a head (RFC 3261, section 7). `from` is where the last look
 * ended, so that a head that comes in many pieces is looked through once.
 */
export function findHeadEnd(bytes: Buffer, from: number, limits: MessageLimits): HeadEnd {
  const at = bytes.indexOf(endOfHead, Math.max(from - endOfHead.length + 1, 0));
  const end = at < 0 ? -1 : at + endOfHead.length;
  const soFar = at < 0 ? bytes.length : end;
  // A look that went past the longest start line has seen its end already.
  const isStartLineKnown = from > limits.startLineBytesMax + endOfLine.length;
  if (!isStartLineKnown && isStartLineTooLong(bytes, soFar, limits)) {
    return { kind: 'tooLong', what: 'startLine' };
  }
  if (soFar > limits.headBytesMax) {
    return { kind: 'tooLong', what: 'head' };
  }
  return at < 0 ? { kind: 'more' } : { kind: 'found', end };
}

function isStartLineTooLong(bytes: Buffer, soFar: number, limits: MessageLimits): boolean {
  const max = limits.startLineBytesMax;
  return soFar > max && !bytes.subarray(0, max + endOfLine.length).includes(endOfLine);
}
