import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipMessage } from '../message.ts';
import { defaultMessageLimits } from '../message-limits.ts';
import { writeMessage } from '../write/write-message.ts';
import { parseDatagram } from './parse-datagram.ts';

const head = [
  'OPTIONS sip:a@b SIP/2.0',
  'v: SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/TCP i',
  'VIA : SIP/2.0/UDP j',
  'X-Unknown:  ;;,,;;,; "kept',
  'Subject: one',
  ' \ttwo  ',
  '\tthree',
  's:',
];

test('fields keep their names, order and values; folding is one space', () => {
  const message = read(`${head.join('\r\n')}\r\n\r\n`);
  assert.deepEqual(message.faults, []);
  assert.deepEqual(
    message.headers.map(({ name, key, value }) => [name, key, value]),
    [
      ['v', 'via', 'SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/TCP i'],
      ['VIA', 'via', 'SIP/2.0/UDP j'],
      ['X-Unknown', 'x-unknown', ';;,,;;,; "kept'],
      ['Subject', 'subject', 'one two three'],
      ['s', 'subject', ''],
    ],
  );
});

test('the body is as long as Content-Length says, in octets', () => {
  const message = read('MESSAGE sip:a@b SIP/2.0\r\nl: 3\r\n\r\n\u00e91and what is dropped');
  assert.equal(Buffer.from(message.body).toString(), '\u00e91');
  assert.deepEqual(message.faults, []);
  const whole = read('MESSAGE sip:a@b SIP/2.0\r\nX: y\r\n\r\nall of it');
  assert.equal(Buffer.from(whole.body).toString(), 'all of it');
});

test('what is not UTF-8 goes out as it came in, beside what is', () => {
  const bytes = Buffer.concat([
    Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nSubject: J\u00fcrgen\r\nX: '),
    Buffer.from([0xff, 0xfe, 0x41]),
    Buffer.from('\r\nContent-Length: 0\r\n\r\n'),
  ]);
  const message = readBytes(bytes);
  assert.equal(message.headers[0]?.value, 'J\u00fcrgen');
  assert.equal(message.headers[1]?.encoding, 'latin1');
  assert.deepEqual(writeMessage(message), bytes);
});

test('line ends and zeros alone are keep-alives, and stand before a message', () => {
  for (const text of ['', '\r\n', '\r\n\r\n', '\0\0\0\0', '\n']) {
    assert.equal(parseDatagram(Buffer.from(text)).kind, 'keepAlive');
  }
  assert.equal(read('\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\n\r\n').kind, 'request');
});

test('white space alone has no start line', () => {
  assert.equal(parseDatagram(Buffer.from('  \r\n\r\n')).kind, 'unreadable');
});

// biome-ignore format: one fault a line.
const faulty: readonly (readonly [string, string])[] = [
  ['OPTIONS sip:a@b\r\nX: y\r\n\r\n', 'The request line does not end with the version'],
  ['OPT(IONS sip:a@b SIP/2.0\r\nX: y\r\n\r\n', 'The method is no token'],
  ['OPTIONS sip:a@b SIP/2.0\r\n folded: y\r\n\r\n', 'A line of the header is no header field'],
  ['OPTIONS sip:a@b SIP/2.0\r\nno colon\r\n\r\n', 'A line of the header is no header field'],
  ['OPTIONS sip:a@b SIP/2.0\r\n: y\r\n\r\n', 'A line of the header is no header field'],
  ['OPTIONS sip:a@b SIP/2.0\nX: y\r\n\r\n', 'A line of the header does not end with CR and LF'],
  ['OPTIONS sip:a@b SIP/2.0\r\nX: y\rZ: w\r\n\r\n', 'A line of the header does not end with CR and LF'],
  ['OPTIONS sip:a@b SIP/2.0\r\nX: y\n\nZ: w\r\n\r\n', 'A line of the header does not end with CR and LF'],
  ['OPTIONS sip:a@b SIP/2.0\r\nX: y', 'The header does not end'],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\n\r\n', 'The body is shorter than its Content-Length'],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nl: 0\r\n\r\n', 'There is more than one Content-Length'],
  ['OPTIONS sip:a@b SIP/2.0\r\nl: +0\r\n\r\n', 'The Content-Length is no number'],
  ['SIP/2.0 099 Odd\r\nX: y\r\n\r\n', 'The status code is not three digits, 100 to 699'],
  ['SIP/2.0 700 Odd\r\nX: y\r\n\r\n', 'The status code is not three digits, 100 to 699'],
];

for (const [text, why] of faulty) {
  test(`${JSON.stringify(text)} is read, with a fault`, () => {
    const message = read(text);
    assert.equal(message.faults[0]?.why, why);
    assert.equal(message.faults[0].status, 400);
  });
}

test('a bare CR never reaches a value that could be sent on', () => {
  const message = read('OPTIONS sip:a@b SIP/2.0\r\nX: y\rVia: evil\r\n\r\n');
  assert.equal(message.headers[0]?.value, 'y Via: evil');
});

test('each limit has its fault, and reading stops at it', () => {
  const limits = { startLineBytesMax: 60, headerCountMax: 3, headBytesMax: 200, bodyBytesMax: 10 };
  const start = 'OPTIONS sip:a@b SIP/2.0\r\n';
  const cases: readonly (readonly [string, number])[] = [
    [`OPTIONS sip:${'a'.repeat(80)}@b SIP/2.0\r\n\r\n`, 414],
    [`${start}X: ${'a'.repeat(200)}\r\n\r\n`, 513],
    [`${start}${'X: y\r\n'.repeat(4)}\r\n`, 400],
    [`${start}\r\n${'b'.repeat(11)}`, 413],
  ];
  for (const [text, status] of cases) {
    const datagram = parseDatagram(Buffer.from(text), limits);
    assert.ok(datagram.kind === 'message');
    assert.equal(datagram.message.faults[0]?.status, status);
    assert.ok(datagram.message.headers.length <= limits.headerCountMax);
    assert.ok(datagram.message.body.length <= limits.bodyBytesMax);
  }
});

test('a datagram of the largest size is within the limits', () => {
  const body = 'b'.repeat(60_000);
  const message = read(`MESSAGE sip:a@b SIP/2.0\r\nl: ${body.length}\r\n\r\n${body}`);
  assert.deepEqual(message.faults, []);
  assert.ok(defaultMessageLimits.bodyBytesMax > body.length);
});

function read(text: string): SipMessage {
  return readBytes(Buffer.from(text));
}

function readBytes(bytes: Buffer): SipMessage {
  const datagram = parseDatagram(bytes);
  assert.ok(datagram.kind === 'message');
  return datagram.message;
}
