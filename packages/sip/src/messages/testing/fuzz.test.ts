// Whatever comes from the network: nothing throws, nothing hangs, nothing is held beyond the
// limits, and what is sent on is well. Each case has its own seed, which a failure prints.

import { SeededChance } from '@understudy/ports/fake';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultMessageLimits } from '../message-limits.ts';
import { parseDatagram } from '../parse/parse-datagram.ts';
import { StreamFramer, type StreamEvent } from '../parse/stream-framer.ts';
import { exercise } from './exercise.ts';
import { fragments, mutate, randomBytes, randomPieces } from './mutate.ts';
import { torture } from './read-torture.ts';

const captures = [...torture.values()];

/** Runs a case for each of so many seeds; a failure names its seed. */
function forSeeds(count: number, first: number, run: (chance: SeededChance) => void): void {
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      run(new SeededChance(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
}

function exerciseBytes(bytes: Buffer): void {
  const datagram = parseDatagram(bytes);
  if (datagram.kind === 'message') {
    exercise(datagram.message);
  }
}

test('random octets', () => {
  forSeeds(1_000, 10_000, (chance) => exerciseBytes(randomBytes(chance, 400)));
});

test('random pieces of the grammar', () => {
  forSeeds(2_000, 20_000, (chance) => exerciseBytes(randomPieces(chance, 120)));
});

test('random pieces behind a head that is well', () => {
  const head = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nX: ');
  forSeeds(2_000, 30_000, (chance) => {
    exerciseBytes(Buffer.concat([head, randomPieces(chance, 60), Buffer.from('\r\n\r\n')]));
  });
});

test('mutated captures', () => {
  forSeeds(5_000, 40_000, (chance) => exerciseBytes(mutate(chance.pick(captures), chance)));
});

test('mutated streams give the same in any fragments, and hold no more than the limits', () => {
  forSeeds(600, 50_000, (chance) => {
    const length = chance.integer(1, 6);
    const messages = Array.from({ length }, () => streamed(chance));
    const stream = Buffer.concat(messages);
    const openedBy = chance.pick(['us', 'them'] as const);
    const whole = eventsOf([stream], openedBy);
    assert.deepEqual(eventsOf(fragments(stream, chance), openedBy), whole);
  });
});

const limits = {
  startLineBytesMax: 500,
  headerCountMax: 40,
  headBytesMax: 4_000,
  bodyBytesMax: 900,
};
const heldMax = limits.headBytesMax + limits.bodyBytesMax;

function streamed(chance: SeededChance): Buffer {
  const message = chance.pick(captures);
  const isMutated = chance.fraction() < 0.3;
  return isMutated ? mutate(message, chance) : message;
}

function eventsOf(pieces: readonly Buffer[], openedBy: 'us' | 'them'): unknown[] {
  const framer = new StreamFramer({ openedBy, limits });
  const events: StreamEvent[] = [];
  for (const piece of pieces) {
    events.push(...framer.push(piece));
    assert.ok(framer.bytesHeld <= heldMax);
  }
  return events.map(inShort);
}

/** An event without what fragments may change: how much of a head was there as it got too long. */
function inShort(event: StreamEvent): unknown {
  if (event.kind === 'message' || event.kind === 'broken') {
    if (event.message !== undefined) exercise(event.message);
  }
  return event.kind === 'broken' ? { kind: event.kind, why: event.why } : event;
}

test('what would be slow in a reader that goes back', () => {
  const size = 60_000;
  const start = 'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n';
  const fields = [
    'Via',
    'To',
    'Contact',
    'Route',
    'Require',
    'Date',
    'Retry-After',
    'CSeq',
    'Accept',
  ];
  const units = ['"', '\\', '<', '>', ';', ',', ' ', '\t', '(', ')', '%', 'a=', ';a', ',<', '"\\'];
  for (const field of fields) {
    for (const unit of [...units, '\r\n ', '\r\n\t', '0', 'a', ';a="', '<sip:a>,', 'sip:a@b;']) {
      const value = unit.repeat(size / unit.length);
      exerciseBytes(Buffer.from(`${start}${field}: ${value}\r\n\r\n`));
    }
  }
  assert.ok(size < defaultMessageLimits.headBytesMax);
});
