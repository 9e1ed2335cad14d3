// The answers that RFC 4475 asks for, one test per message. Where it leaves a choice, the
// comment says which one is taken and the test holds it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResponse } from '../compose/build-response.ts';
import type { SipRequest } from '../message.ts';
import { parseDatagram } from '../parse/parse-datagram.ts';
import { StreamFramer } from '../parse/stream-framer.ts';
import { torture, tortureMessage } from '../testing/read-torture.ts';
import { writeMessage } from '../write/write-message.ts';
import { checkForProxy } from './check-for-proxy.ts';
import { checkForServer } from './check-for-server.ts';
import { checkRegister } from './check-register.ts';
import { checkSyntax } from './check-syntax.ts';
import { accepted, type Verdict } from './verdict.ts';

type Receiver = 'server' | 'proxy' | 'client';

// biome-ignore format: one message a line reads as the table that it is.
/** Name, section, who receives it, and what is done: `accept`, `drop`, or the answer. */
const expected: readonly (readonly [name: string, section: string, at: Receiver, what: string])[] = [
  ['wsinv',      '3.1.1.1',  'server', 'accept'],
  // A method that nobody knows: well-formed, and not implemented.
  ['intmeth',    '3.1.1.2',  'server', '501 Not Implemented'],
  ['intmeth',    '3.1.1.2',  'proxy',  'accept'],
  ['esc01',      '3.1.1.3',  'server', 'accept'],
  ['escnull',    '3.1.1.4',  'server', 'accept'],
  // RE%47IST%45R is another method than REGISTER.
  ['esc02',      '3.1.1.5',  'server', '501 Not Implemented'],
  ['esc02',      '3.1.1.5',  'proxy',  'accept'],
  ['lwsdisp',    '3.1.1.6',  'server', 'accept'],
  ['longreq',    '3.1.1.7',  'server', 'accept'],
  // The octets after the Content-Length are dropped.
  ['dblreq',     '3.1.1.8',  'server', 'accept'],
  ['semiuri',    '3.1.1.9',  'server', 'accept'],
  ['transports', '3.1.1.10', 'server', 'accept'],
  ['mpart01',    '3.1.1.11', 'server', 'accept'],
  ['unreason',   '3.1.1.12', 'client', 'accept'],
  ['noreason',   '3.1.1.13', 'client', 'accept'],

  ['badinv01',   '3.1.2.1',  'server', '400 Malformed Via header field'],
  ['clerr',      '3.1.2.2',  'server', '400 The body is shorter than its Content-Length'],
  ['ncl',        '3.1.2.3',  'server', '400 The Content-Length is no number'],
  ['scalar02',   '3.1.2.4',  'server', '400 Malformed CSeq header field'],
  ['scalarlg',   '3.1.2.5',  'client', 'drop Malformed CSeq header field'],
  ['quotbal',    '3.1.2.6',  'server', '400 Malformed To header field'],
  ['ltgtruri',   '3.1.2.7',  'server', '400 Malformed Request-URI'],
  ['lwsruri',    '3.1.2.8',  'server', '400 The request line has white space too much'],
  // Of these five the RFC lets a receiver be liberal; they are refused, so that none is passed on.
  ['lwsstart',   '3.1.2.9',  'server', '400 The request line has white space too much'],
  ['trws',       '3.1.2.10', 'server', '400 The request line does not end with the version'],
  ['escruri',    '3.1.2.11', 'server', '400 The Request-URI holds header fields'],
  ['badaspec',   '3.1.2.14', 'server', '400 Malformed To header field'],
  // LibSip's file lacks the last CRLF of the head; with it, see the test below.
  ['baddn',      '3.1.2.15', 'server', '400 The header does not end'],
  // Nobody here acts on Date, so a bad one is passed over, as the RFC advises.
  ['baddate',    '3.1.2.12', 'server', 'accept'],
  ['regbadct',   '3.1.2.13', 'server', '400 Malformed Contact header field'],
  ['regbadct',   '3.1.2.13', 'proxy',  'accept'],
  ['badvers',    '3.1.2.16', 'server', '505 Version Not Supported'],
  ['mismatch01', '3.1.2.17', 'server', '400 The method of CSeq is not that of the request'],
  ['mismatch02', '3.1.2.18', 'server', '400 The method of CSeq is not that of the request'],
  ['bigcode',    '3.1.2.19', 'client', 'drop The status code is not three digits, 100 to 699'],

  ['badbranch',  '3.2.1',    'server', 'accept'],

  ['insuf',      '3.3.1',    'server', '400 Missing From header field'],
  ['unkscm',     '3.3.2',    'server', '416 Unsupported URI Scheme'],
  ['unkscm',     '3.3.2',    'proxy',  '416 Unsupported URI Scheme'],
  ['novelsc',    '3.3.3',    'server', '416 Unsupported URI Scheme'],
  ['novelsc',    '3.3.3',    'proxy',  '416 Unsupported URI Scheme'],
  ['unksm2',     '3.3.4',    'server', '400 The address-of-record is no SIP URI'],
  ['unksm2',     '3.3.4',    'proxy',  'accept'],
  ['bext01',     '3.3.5',    'server', '420 Bad Extension'],
  ['bext01',     '3.3.5',    'proxy',  '420 Bad Extension'],
  ['invut',      '3.3.6',    'server', '415 Unsupported Media Type'],
  ['regaut01',   '3.3.7',    'server', 'accept'],
  ['multi01',    '3.3.8',    'server', '400 More than one CSeq header field'],
  ['mcl01',      '3.3.9',    'server', '400 There is more than one Content-Length'],
  ['bcast',      '3.3.10',   'client', 'accept'],
  ['zeromf',     '3.3.11',   'proxy',  '483 Too Many Hops'],
  ['zeromf',     '3.3.11',   'server', 'accept'],
  ['cparam01',   '3.3.12',   'server', 'accept'],
  ['cparam02',   '3.3.13',   'server', 'accept'],
  ['regescrt',   '3.3.14',   'server', 'accept'],
  ['sdp01',      '3.3.15',   'server', '406 Not Acceptable'],

  ['inv2543',    '3.4.1',    'server', 'accept'],
  // LibSip's own: no Via, so there is nowhere to answer to.
  ['test',       'LibSip',   'server', 'drop there is no Via to answer to; The request line does not end with the version'],
];

const schemes = ['sip', 'sips', 'tel'];
const methods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'MESSAGE'];

for (const [name, section, at, what] of expected) {
  test(`RFC 4475, ${section}: ${name} at a ${at} gets: ${what}`, () => {
    assert.equal(inWords(judge(name, at)), what);
  });
}

test('an unquoted comma in a display name is refused rather than passed on', () => {
  const whole = Buffer.concat([torture.get('baddn') ?? Buffer.alloc(0), Buffer.from('\r\n')]);
  const datagram = parseDatagram(whole);
  assert.ok(datagram.kind === 'message');
  assert.equal(inWords(checkSyntax(datagram.message)), '400 Malformed From header field');
});

test('over a stream each is read as well, and those whose end is unknown end it', () => {
  const outcomes = new Map<string, string[]>();
  for (const [name, bytes] of torture) {
    const events = new StreamFramer({ openedBy: 'them' }).push(bytes);
    const kinds = events.map((event) => ('message' in event ? event.kind : `${event.kind}, lost`));
    const outcome = kinds.join(' ') || 'waits';
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), name].sort());
  }
  outcomes.delete('message');
  assert.deepEqual(Object.fromEntries(outcomes), {
    // Two lengths, a negative one, none at all.
    broken: ['inv2543', 'mcl01', 'ncl'],
    // The head or the body is longer than what came.
    waits: ['baddn', 'clerr'],
    // Its second message is one octet longer than it says.
    'message message broken': ['dblreq'],
  });
});

test('every message of the folder has its row', () => {
  assert.deepEqual([...new Set(expected.map(([name]) => name))].sort(), [...torture.keys()].sort());
});

test('every answer can be written, and is well itself', () => {
  for (const [name, , at] of expected) {
    const verdict = judge(name, at);
    const message = tortureMessage(name);
    if (verdict.kind === 'answer' && message.kind === 'request') {
      const answer = buildResponse(message, { ...verdict, toTag: 'ours' });
      const again = parseDatagram(writeMessage(answer));
      assert.ok(again.kind === 'message');
      assert.deepEqual(again.message.faults, [], name);
    }
  }
});

function judge(name: string, at: Receiver): Verdict {
  const message = tortureMessage(name);
  const syntax = checkSyntax(message);
  return syntax.kind === 'accept' && message.kind === 'request'
    ? judgeRequest(message, at)
    : syntax;
}

function judgeRequest(request: SipRequest, at: Receiver): Verdict {
  if (at === 'proxy') {
    return checkForProxy(request, { schemes, optionTags: ['path', 'outbound'] });
  }
  const verdict = checkForServer(request, {
    methods,
    schemes,
    optionTags: ['path', 'outbound'],
    contentTypes: ['application/sdp', 'text/plain', 'multipart/mixed'],
    answerTypes: request.method === 'INVITE' ? ['application/sdp'] : [],
  });
  const isRegister = verdict.kind === 'accept' && request.method === 'REGISTER';
  return isRegister ? checkRegister(request) : verdict;
}

function inWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'accept':
      return accepted.kind;
    case 'answer':
      return `${verdict.status} ${verdict.reason}`;
    case 'drop':
      return `drop ${verdict.why}`;
  }
}
