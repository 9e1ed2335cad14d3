import { digits } from '../grammar/characters.ts';
import { cursorOn, isAtEnd, skipSpace, takeAll } from '../grammar/cursor.ts';
import { readDeltaSeconds } from '../grammar/read-number.ts';
import { readParameters } from '../grammar/read-parameters.ts';
import type { Parameters } from '../parameters.ts';

/** Retry-After (RFC 3261, section 20.33). */
export type RetryAfter = {
  /** From when the message came; at most 2^32 - 1. */
  readonly seconds: number;
  /** `duration`: how long it may be had again. */
  readonly parameters: Parameters;
};

/** The value of a Retry-After field; undefined when it is malformed. A comment is passed over. */
export function parseRetryAfter(text: string): RetryAfter | undefined {
  const cursor = cursorOn(text.trim());
  const seconds = readDeltaSeconds(takeAll(cursor, digits));
  skipSpace(cursor);
  cursor.at = endOfComment(cursor.text, cursor.at);
  const parameters = isAtEnd(cursor) ? [] : readParameters(cursor);
  return seconds === undefined || parameters === undefined ? undefined : { seconds, parameters };
}

/** The place behind a comment, which may hold others; the same place when none begins here. */
function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    depth += depthChange[text[at] ?? ''] ?? 0;
    if (depth === 0) {
      return text[at] === ')' ? at + 1 : from;
    }
    at += text[at] === '\\' ? 1 : 0;
  }
  return from;
}

const depthChange: Readonly<Record<string, number>> = { '(': 1, ')': -1 };
