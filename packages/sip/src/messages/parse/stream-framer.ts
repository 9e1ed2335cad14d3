import { defaultMessageLimits, type MessageLimits } from '../message-limits.ts';
import type { Fault, SipMessage } from '../message.ts';
import { assembleMessage } from './assemble-message.ts';
import { ByteQueue } from './byte-queue.ts';
import { findHeadEnd } from './find-head.ts';
import { tooLongFault } from './parse-datagram.ts';
import { type ContentLength, readContentLength } from './read-content-length.ts';
import { type Head, readHead } from './read-head.ts';

/** What came out of a stream. */
export type StreamEvent =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** CRLF CRLF: owed one CRLF (RFC 5626, section 3.5.1). */
  | { readonly kind: 'ping' }
  /** CRLF: the answer to our ping. */
  | { readonly kind: 'pong' }
  /**
   * Where the next message begins can no longer be known. The message, if there is one, has the
   * fault and may be answered; then the connection is to be closed. Nothing comes after this.
   */
  | { readonly kind: 'broken'; readonly why: string; readonly message?: SipMessage };

/** How a stream is read. */
export type StreamFramerOptions = {
  /**
   * Who opened the connection. Only its opener pings, so a CRLF on a connection of ours is a pong,
   * and on another's the half of a ping.
   */
  readonly openedBy: 'us' | 'them';
  readonly limits?: MessageLimits;
};

type Place =
  | { readonly at: 'boundary' }
  | { readonly at: 'head'; readonly scanned: number }
  | { readonly at: 'body'; readonly head: Head; readonly bytes: number }
  | { readonly at: 'broken' };

/**
 * Cuts a TCP or TLS stream into messages by Content-Length (RFC 3261, section 18.3), whatever the
 * pieces it comes in. Holds at most one head or one body of the limits' size, and the last piece.
 */
export class StreamFramer {
  readonly #queue = new ByteQueue();
  readonly #limits: MessageLimits;
  readonly #openedBy: 'us' | 'them';
  #place: Place = { at: 'boundary' };

  constructor({ openedBy, limits }: StreamFramerOptions) {
    this.#openedBy = openedBy;
    this.#limits = limits ?? defaultMessageLimits;
  }

  /**
   * How many octets of a message wait for the rest of it. The half of a ping between messages is
   * none: there are phones that keep a connection with a single CRLF, and it stays well.
   */
  get bytesHeld(): number {
    return this.#place.at === 'boundary' ? 0 : this.#queue.length;
  }

  /** Takes the next piece and gives what it completes, in order. Never throws. */
  push(bytes: Uint8Array): StreamEvent[] {
    if (this.#place.at === 'broken') {
      return [];
    }
    this.#queue.append(bytes);
    const events: StreamEvent[] = [];
    // Each turn takes octets off the queue or moves to a later place, so the queue bounds it.
    for (let event = this.#next(); event !== undefined; event = this.#next()) {
      if (event !== 'again') {
        events.push(event);
      }
    }
    return events;
  }

  /** The next event; `again` when there was none but there may be one; undefined to wait. */
  #next(): StreamEvent | 'again' | undefined {
    const place = this.#place;
    switch (place.at) {
      case 'boundary':
        return this.#readBoundary();
      case 'head':
        return this.#readHead(place.scanned);
      case 'body':
        return this.#readBody(place);
      case 'broken':
        return undefined;
    }
  }

  /** Between messages stand keep-alives, and line ends that are ignored (section 7.5). */
  #readBoundary(): StreamEvent | 'again' | undefined {
    const found = lineEndsAt(this.#queue.peek());
    if (found === 'none') {
      this.#place = { at: 'head', scanned: 0 };
      return 'again';
    }
    if (found === 'more' || (found === 'one' && this.#openedBy === 'them')) {
      return undefined;
    }
    return this.#takeLineEnds(found);
  }

  #takeLineEnds(found: 'one' | 'oneThenOther' | 'two'): StreamEvent | 'again' {
    if (this.#openedBy === 'us') {
      this.#queue.take(2);
      return { kind: 'pong' };
    }
    this.#queue.take(found === 'two' ? 4 : 2);
    return found === 'two' ? { kind: 'ping' } : 'again';
  }

  #readHead(scanned: number): StreamEvent | 'again' | undefined {
    const bytes = this.#queue.peek();
    const found = findHeadEnd(bytes, scanned, this.#limits);
    if (found.kind === 'more') {
      this.#place = { at: 'head', scanned: bytes.length };
      return undefined;
    }
    if (found.kind === 'tooLong') {
      const part = bytes.subarray(0, this.#limits.headBytesMax);
      return this.#break(readHead(part, this.#limits.headerCountMax), tooLongFault(found.what));
    }
    const head = readHead(this.#queue.take(found.end), this.#limits.headerCountMax);
    return this.#measureBody(head);
  }

  #measureBody(head: Head): StreamEvent | 'again' {
    const length = readContentLength(head.headers);
    const fault = whyNoBody(length, head, this.#limits);
    if (length.kind !== 'given' || fault !== undefined) {
      return this.#break(head, fault ?? absentLength);
    }
    this.#place = { at: 'body', head, bytes: length.bytes };
    return 'again';
  }

  #readBody({ head, bytes }: Extract<Place, { at: 'body' }>): StreamEvent | undefined {
    if (this.#queue.length < bytes) {
      return undefined;
    }
    const body = this.#queue.take(bytes);
    this.#place = { at: 'boundary' };
    const message = assembleMessage(head, { body, faults: [] });
    return message === undefined ? this.#break(head, noStartLine) : { kind: 'message', message };
  }

  #break(head: Head, fault: Fault): StreamEvent {
    this.#place = { at: 'broken' };
    this.#queue.clear();
    const message = assembleMessage(head, { body: new Uint8Array(), faults: [fault] });
    const event = { kind: 'broken', why: fault.why } as const;
    return message === undefined ? event : { ...event, message };
  }
}

const absentLength: Fault = {
  where: 'contentLength',
  why: 'There is no Content-Length',
  status: 400,
};
const noStartLine: Fault = { where: 'startLine', why: 'There is no start line', status: 400 };

/** On a stream the length must be given, once and as a number, or all that follows is guesswork. */
function whyNoBody(length: ContentLength, head: Head, limits: MessageLimits): Fault | undefined {
  if (head.headers.length >= limits.headerCountMax) {
    return { where: 'headers', why: 'There are too many header fields', status: 400 };
  }
  if (length.kind === 'bad') {
    return { where: 'contentLength', why: length.why, status: 400 };
  }
  return length.kind === 'given' && length.bytes > limits.bodyBytesMax
    ? { where: 'body', why: 'The body is too large', status: 413 }
    : undefined;
}

/** How many line ends the octets begin with; `more` when that cannot be told yet. */
function lineEndsAt(bytes: Buffer): 'none' | 'more' | 'one' | 'oneThenOther' | 'two' {
  if (bytes.length === 0) {
    return 'more';
  }
  if (bytes[0] !== 13 || (bytes.length > 1 && bytes[1] !== 10)) {
    return 'none';
  }
  if (bytes.length < 2) {
    return 'more';
  }
  return secondLineEnd(bytes);
}

function secondLineEnd(bytes: Buffer): 'one' | 'oneThenOther' | 'two' {
  if (bytes.length === 2 || (bytes.length === 3 && bytes[2] === 13)) {
    return 'one';
  }
  return bytes[2] === 13 && bytes[3] === 10 ? 'two' : 'oneThenOther';
}
