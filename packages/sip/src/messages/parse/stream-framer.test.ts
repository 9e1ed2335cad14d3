import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamFramer, type StreamEvent } from './stream-framer.ts';

const options = 'OPTIONS sip:a@b SIP/2.0\r\nX: y\r\nContent-Length: 0\r\n\r\n';
const message = 'MESSAGE sip:a@b SIP/2.0\r\nl: 5\r\n\r\nhello';

test('a stream is cut by Content-Length, whatever the pieces it comes in', () => {
  const text = `${options}${message}\r\n${message}\r\n\r\n${options}`;
  const kinds = ['message', 'message', 'message', 'ping', 'message'];
  for (let size = 1; size <= text.length; size += 1) {
    const events = framed('them', piecesOf(text, size));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      kinds,
      `in pieces of ${size}`,
    );
    assert.deepEqual(bodiesOf(events), ['', 'hello', 'hello', '']);
  }
});

test('only who opened the connection pings: elsewhere each CRLF is a pong', () => {
  assert.deepEqual(kindsOf('us', '\r\n'), ['pong']);
  assert.deepEqual(kindsOf('us', `\r\n${options}\r\n\r\n`), ['pong', 'message', 'pong', 'pong']);
  assert.deepEqual(kindsOf('them', '\r\n'), []);
  assert.deepEqual(kindsOf('them', `\r\n${options}`), ['message']);
  assert.deepEqual(kindsOf('them', '\r\n\r\n\r\n\r\n'), ['ping', 'ping']);
});

test('a pong comes at once, though it may be the half of something', () => {
  const framer = new StreamFramer({ openedBy: 'us' });
  assert.deepEqual(framer.push(Buffer.from('\r')), []);
  assert.deepEqual(framer.push(Buffer.from('\n')), [{ kind: 'pong' }]);
});

test('a lone CRLF between messages is not a message that somebody owes the rest of', () => {
  const framer = new StreamFramer({ openedBy: 'them' });
  framer.push(Buffer.from(`${options}\r\n`));
  assert.equal(framer.bytesHeld, 0);
  framer.push(Buffer.from('OPT'));
  assert.equal(framer.bytesHeld, 3);
});

// biome-ignore format: one end a line.
const broken: readonly (readonly [string, string, number])[] = [
  ['OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n\r\n', 'There is no Content-Length', 400],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: -999\r\n\r\n', 'The Content-Length is no number', 400],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\n', 'There is more than one Content-Length', 400],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: 11\r\n\r\n', 'The body is too large', 413],
  [`OPTIONS sip:${'a'.repeat(90)}`, 'The start line is too long', 414],
  [`OPTIONS sip:a@b SIP/2.0\r\nX: ${'a'.repeat(200)}`, 'The header is too long', 513],
  [`OPTIONS sip:a@b SIP/2.0\r\n${'X: y\r\n'.repeat(5)}\r\n`, 'There are too many header fields', 400],
];

const limits = { startLineBytesMax: 60, headerCountMax: 4, headBytesMax: 200, bodyBytesMax: 10 };

for (const [text, why, status] of broken) {
  test(`a stream ends where its next message cannot be found: ${why}`, () => {
    for (const size of [1, 7, text.length]) {
      const framer = new StreamFramer({ openedBy: 'them', limits });
      const events = piecesOf(text, size).flatMap((piece) => framer.push(piece));
      const [event, ...more] = events;
      assert.ok(event?.kind === 'broken');
      assert.deepEqual(more, []);
      assert.equal(event.why, why);
      assert.equal(event.message?.faults[0]?.status, status);
      assert.deepEqual(framer.push(Buffer.from(options)), []);
      assert.equal(framer.bytesHeld, 0);
    }
  });
}

test('a stream of octets without an end holds no more than the limits', () => {
  const framer = new StreamFramer({ openedBy: 'them', limits });
  const piece = Buffer.alloc(50, 0x41);
  for (let count = 0; count < 1_000; count += 1) {
    framer.push(piece);
    assert.ok(framer.bytesHeld <= limits.headBytesMax + piece.length);
  }
});

test('the body of a message is its own memory, not the buffer that the next one overwrites', () => {
  const framer = new StreamFramer({ openedBy: 'them' });
  const [event] = framer.push(Buffer.from(message));
  framer.push(Buffer.from(message.replace('hello', 'other')));
  assert.ok(event?.kind === 'message');
  assert.equal(Buffer.from(event.message.body).toString(), 'hello');
});

function piecesOf(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function framed(openedBy: 'us' | 'them', pieces: readonly Buffer[]): StreamEvent[] {
  const framer = new StreamFramer({ openedBy });
  return pieces.flatMap((piece) => framer.push(piece));
}

function kindsOf(openedBy: 'us' | 'them', text: string): string[] {
  return framed(openedBy, [Buffer.from(text)]).map(({ kind }) => kind);
}

function bodiesOf(events: readonly StreamEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'message' ? [Buffer.from(event.message.body).toString()] : [],
  );
}
