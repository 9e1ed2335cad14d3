// The torture messages of RFC 4475 at a registrar that runs, over real sockets: what is wrong gets
// the answer that the RFC asks for, what is well is asked who sends it, and the server goes on.
// The validator's own test (packages/sip) says which of two answers is taken where there are two.

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test, type TestContext } from 'node:test';
import {
  callIdOf,
  parseDatagram,
  type SipMessage,
  type SipResponse,
  topVia,
} from '@understudy/sip';
import { torture } from '@understudy/sip/testing';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
const subdomains = ['registrar', 'chair-dnrc'].map((name) => `${name}.example.com`);
before(async () => {
  const domains = ['example.com', 'example.org', 'example.net', 'company.com', ...subdomains];
  site = await startOnePool({ domains });
  await site.mount();
});
after(() => site[Symbol.asyncDispose]());

const whoAreYou = '407 Proxy Authentication Required';
const whoRegisters = '401 Unauthorized';
const nothing = undefined;

// biome-ignore format: one message a line reads as the table that it is.
/** Name, section, and the answer: none to responses and to what has nowhere to be answered to. */
const expected: readonly (readonly [name: string, section: string, answer: string | undefined])[] = [
  ['wsinv',      '3.1.1.1',  whoAreYou],
  ['intmeth',    '3.1.1.2',  whoAreYou],
  ['esc01',      '3.1.1.3',  whoAreYou],
  ['escnull',    '3.1.1.4',  whoRegisters],
  ['esc02',      '3.1.1.5',  '501 Not Implemented'],
  ['lwsdisp',    '3.1.1.6',  whoAreYou],
  ['longreq',    '3.1.1.7',  whoAreYou],
  ['dblreq',     '3.1.1.8',  whoRegisters],
  ['semiuri',    '3.1.1.9',  whoAreYou],
  ['transports', '3.1.1.10', whoAreYou],
  ['mpart01',    '3.1.1.11', whoAreYou],
  ['unreason',   '3.1.1.12', nothing],
  ['noreason',   '3.1.1.13', nothing],
  ['badinv01',   '3.1.2.1',  '400 Malformed Via header field'],
  ['clerr',      '3.1.2.2',  '400 The body is shorter than its Content-Length'],
  ['ncl',        '3.1.2.3',  '400 The Content-Length is no number'],
  ['scalar02',   '3.1.2.4',  '400 Malformed CSeq header field'],
  ['scalarlg',   '3.1.2.5',  nothing],
  ['quotbal',    '3.1.2.6',  '400 Malformed To header field'],
  ['ltgtruri',   '3.1.2.7',  '400 Malformed Request-URI'],
  ['lwsruri',    '3.1.2.8',  '400 The request line has white space too much'],
  ['lwsstart',   '3.1.2.9',  '400 The request line has white space too much'],
  ['trws',       '3.1.2.10', '400 The request line does not end with the version'],
  ['escruri',    '3.1.2.11', '400 The Request-URI holds header fields'],
  ['baddate',    '3.1.2.12', whoAreYou],
  ['regbadct',   '3.1.2.13', '400 Malformed Contact header field'],
  ['badaspec',   '3.1.2.14', '400 Malformed To header field'],
  ['baddn',      '3.1.2.15', '400 The header does not end'],
  ['badvers',    '3.1.2.16', '505 Version Not Supported'],
  ['mismatch01', '3.1.2.17', '400 The method of CSeq is not that of the request'],
  ['mismatch02', '3.1.2.18', '400 The method of CSeq is not that of the request'],
  ['bigcode',    '3.1.2.19', nothing],
  ['badbranch',  '3.2.1',    whoAreYou],
  ['insuf',      '3.3.1',    '400 Missing From header field'],
  ['unkscm',     '3.3.2',    '416 Unsupported URI Scheme'],
  ['novelsc',    '3.3.3',    '416 Unsupported URI Scheme'],
  ['unksm2',     '3.3.4',    '400 The address-of-record is no SIP URI'],
  ['bext01',     '3.3.5',    '420 Bad Extension'],
  // Whether it can read the body, or answer with one, is for the phone to say.
  ['invut',      '3.3.6',    whoAreYou],
  ['regaut01',   '3.3.7',    whoRegisters],
  ['multi01',    '3.3.8',    '400 More than one CSeq header field'],
  ['mcl01',      '3.3.9',    '400 There is more than one Content-Length'],
  ['bcast',      '3.3.10',   nothing],
  ['zeromf',     '3.3.11',   '483 Too Many Hops'],
  ['cparam01',   '3.3.12',   whoRegisters],
  ['cparam02',   '3.3.13',   whoRegisters],
  ['regescrt',   '3.3.14',   whoRegisters],
  ['sdp01',      '3.3.15',   whoAreYou],
  // Its sender is of a domain that is not ours.
  ['inv2543',    '3.4.1',    '403 Only Users of This Domain May Call'],
  ['test',       'LibSip',   nothing],
];

test('every message of the folder has its row', () => {
  assert.deepEqual(expected.map(([name]) => name).sort(), [...torture.keys()].sort());
});

for (const [name, section, answer] of expected) {
  test(`RFC 4475, ${section}: ${name} is answered ${answer ?? 'with nothing'}`, async (t) => {
    const bytes = anew(name, torture.get(name) ?? assert.fail());
    const sent = parseDatagram(bytes);
    const message = sent.kind === 'message' ? sent.message : assert.fail('it is no message');
    const peer = await aPeer(t, message);
    peer.send(bytes);
    if (answer !== undefined) await eventually(() => peer.answersTo(message).length > 0);
    peer.send(Buffer.from(probe.replace('BRANCH', name)));
    await eventually(() => peer.heard.some((each) => callIdOf(each) === probeCallId));
    const answers = peer.answersTo(message).map(({ status, reason }) => `${status} ${reason}`);
    assert.deepEqual([...new Set(answers)], answer === undefined ? [] : [answer]);
  });
}

/**
 * Three of them have the branch of one that comes before, and so would be that one again (RFC 3261,
 * section 17.2.3): they get another.
 */
function anew(name: string, bytes: Buffer): Buffer {
  if (!['novelsc', 'cparam02', 'regescrt'].includes(name)) return bytes;
  return Buffer.from(bytes.toString('latin1').replace('z9hG4bK', `z9hG4bK${name}`), 'latin1');
}

const probeCallId = 'is-it-there';
const probe = [
  'OPTIONS sip:example.com SIP/2.0',
  'Via: SIP/2.0/UDP probe.invalid;branch=z9hG4bKBRANCH;rport',
  'From: <sip:probe@example.com>;tag=1',
  'To: <sip:example.com>',
  `Call-ID: ${probeCallId}`,
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

/** Where the message says that it comes from, at an address of its own: it is answered there. */
async function aPeer(t: TestContext, message: SipMessage) {
  const heard: SipResponse[] = [];
  const socket: Socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (bytes) => {
    const datagram = parseDatagram(bytes);
    if (datagram.kind === 'message' && datagram.message.kind === 'response') {
      heard.push(datagram.message);
    }
  });
  socket.bind(topVia(message)?.port ?? 5060, '127.0.0.77');
  await once(socket, 'listening');
  const place = site.role.sip.find(({ transport }) => transport === 'udp') ?? assert.fail();
  return {
    heard,
    send: (bytes: Uint8Array) => socket.send(bytes, place.port, place.address),
    /** Final ones; what is repeated for others of before is not theirs. */
    answersTo: (asked: SipMessage) =>
      heard.filter((each) => each.status >= 200 && callIdOf(each) === callIdOf(asked)),
  };
}
