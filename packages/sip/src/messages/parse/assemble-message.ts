import type { Fault, SipMessage } from '../message.ts';
import type { Head } from './read-head.ts';
import { readStartLine } from './read-start-line.ts';

/** What comes beside the head: the body, and what was wrong with its length. */
export type Rest = { readonly body: Uint8Array; readonly faults: readonly Fault[] };

/** Head and body as one message; undefined when its first line holds nothing at all. */
export function assembleMessage(head: Head, rest: Rest): SipMessage | undefined {
  const start = readStartLine(head.startLine);
  if (start === undefined) {
    return undefined;
  }
  const { version, faults: ofStart } = start;
  const { headers } = head;
  const { body } = rest;
  // A part that is too long or missing explains what else looks odd, so it is the first to be told.
  const faults = [...rest.faults, ...ofStart, ...head.faults];
  // Written out rather than spread: one shape for all requests reads several times as fast.
  return start.kind === 'request'
    ? { kind: 'request', version, method: start.method, uri: start.uri, headers, body, faults }
    : {
        kind: 'response',
        version,
        status: start.status,
        reason: start.reason,
        headers,
        body,
        faults,
      };
}
