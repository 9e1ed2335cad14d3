import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVia } from '../fields/parse-via.ts';
import { headerField, SipBuildError } from '../header-field.ts';
import { fieldsOf, withField, withoutFirstValue } from '../header-list.ts';
import type { SipMessage } from '../message.ts';
import { cseqOf, maxForwardsOf, toTag, topVia } from '../read/read-fields.ts';
import { aRequest, aResponse, messageOf } from '../testing/build-message.ts';
import { tortureMessage } from '../testing/read-torture.ts';
import { parseUri } from '../uri/parse-uri.ts';
import { writeMessage } from '../write/write-message.ts';
import { buildAckOfFailure, buildCancel, buildRequest } from './build-request.ts';
import { buildResponse } from './build-response.ts';
import { forwardRequest, forwardResponse } from './forward-request.ts';
import { mintBranch, mintCallId, mintTag } from './mint.ts';

const via = parseVia('SIP/2.0/TCP edge.example.com;branch=z9hG4bKours');
assert.ok(via !== undefined);

test('a response repeats what its request says, and adds the tag', () => {
  const request = aRequest('INVITE', 'v: SIP/2.0/UDP two;branch=z9hG4bKa2', 'X: y');
  const response = buildResponse(request, {
    status: 486,
    toTag: 'mine',
    headers: [headerField('Retry-After', '3')],
  });
  assert.deepEqual(linesOf(response), [
    'SIP/2.0 486 Busy Here',
    'Via: SIP/2.0/UDP phone.example.com:5060;branch=z9hG4bKa1',
    'v: SIP/2.0/UDP two;branch=z9hG4bKa2',
    'From: <sip:anna@example.com>;tag=f1',
    'To: <sip:ben@example.com>;tag=mine',
    'Call-ID: c1@phone.example.com',
    'CSeq: 7 INVITE',
    'Retry-After: 3',
    'Content-Length: 0',
  ]);
});

test('a tag is added once, never to a 100, and to an address without brackets as well', () => {
  const bare = withField(aRequest('INVITE'), 'To', 'sip:ben@example.com');
  const tagged = withField(bare, 'To', '<sip:ben@example.com>;tag=theirs');
  assert.equal(toTag(buildResponse(bare, { status: 180, toTag: 'mine' })), 'mine');
  assert.equal(toTag(buildResponse(bare, { status: 100, toTag: 'mine' })), undefined);
  assert.equal(toTag(buildResponse(tagged, { status: 200, toTag: 'mine' })), 'theirs');
});

test('a response that makes a dialog repeats Record-Route, a 100 repeats Timestamp', () => {
  const request = aRequest('INVITE', 'Record-Route: <sip:p;lr>', 'Timestamp: 54');
  const ok = buildResponse(request, { status: 200, copyRecordRoute: true });
  assert.equal(fieldsOf(ok, 'record-route').length, 1);
  assert.equal(fieldsOf(ok, 'timestamp').length, 0);
  assert.equal(fieldsOf(buildResponse(request, { status: 100 }), 'timestamp').length, 1);
});

test('a CANCEL goes the way of its request and matches it there', () => {
  const sent = aRequest('INVITE', 'v: SIP/2.0/UDP two', 'Route: <sip:p;lr>', 'Contact: <sip:a@h>');
  assert.deepEqual(linesOf(buildCancel(sent)), [
    'CANCEL sip:ben@example.com SIP/2.0',
    'Via: SIP/2.0/UDP phone.example.com:5060;branch=z9hG4bKa1',
    'Max-Forwards: 70',
    'Route: <sip:p;lr>',
    'From: <sip:anna@example.com>;tag=f1',
    'To: <sip:ben@example.com>',
    'Call-ID: c1@phone.example.com',
    'CSeq: 7 CANCEL',
    'Content-Length: 0',
  ]);
});

test('the ACK of a failure has the To of the response and the top Via alone', () => {
  const sent = withField(aRequest('INVITE'), 'Via', 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b');
  assert.deepEqual(linesOf(buildAckOfFailure(sent, aResponse(486))), [
    'ACK sip:ben@example.com SIP/2.0',
    'Via: SIP/2.0/UDP a;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: <sip:anna@example.com>;tag=f1',
    'To: <sip:ben@example.com>;tag=t1',
    'Call-ID: c1@phone.example.com',
    'CSeq: 7 ACK',
    'Content-Length: 0',
  ]);
});

test('a forwarded request is the one that came, and what this hop adds', () => {
  const request = aRequest('INVITE', 'X-Odd :  ;;,', 'Route: <sip:last;lr>', 'X-Odd: 2');
  const [hop, edge] = [parseUri('sip:hop;lr'), parseUri('sip:edge;lr')];
  assert.ok(hop !== undefined && edge !== undefined);
  const copy = forwardRequest(request, {
    uri: 'sip:ben@192.0.2.9',
    via: via ?? assert.fail(),
    recordRoute: { uri: edge, parameters: [] },
    routes: [
      { uri: hop, parameters: [] },
      { uri: edge, parameters: [] },
    ],
  });
  assert.deepEqual(linesOf(copy), [
    'INVITE sip:ben@192.0.2.9 SIP/2.0',
    'Record-Route: <sip:edge;lr>',
    'Via: SIP/2.0/TCP edge.example.com;branch=z9hG4bKours',
    'Via: SIP/2.0/UDP phone.example.com:5060;branch=z9hG4bKa1',
    'Max-Forwards: 69',
    'From: <sip:anna@example.com>;tag=f1',
    'To: <sip:ben@example.com>',
    'Call-ID: c1@phone.example.com',
    'CSeq: 7 INVITE',
    'X-Odd: ;;,',
    'Route: <sip:hop;lr>',
    'Route: <sip:edge;lr>',
    'Route: <sip:last;lr>',
    'X-Odd: 2',
    'Content-Length: 0',
  ]);
});

test('a request without Max-Forwards is sent on with 70', () => {
  const old = tortureMessage('inv2543');
  assert.ok(old.kind === 'request');
  assert.equal(maxForwardsOf(forwardRequest(old, { via: via ?? assert.fail() })), 70);
});

test('a forwarded response loses the top Via and no other, also where one line holds both', () => {
  const two = withField(aResponse(200), 'Via', 'SIP/2.0/UDP a;x="1,2", SIP/2.0/UDP b');
  const one = forwardResponse(two);
  assert.equal(topVia(one)?.host, 'b');
  assert.equal(fieldsOf(forwardResponse(one), 'via').length, 0);
  assert.equal(withoutFirstValue(aResponse(200), 'route').headers.length, 6);
});

test('Content-Length is made true, and kept as written where it is', () => {
  const lines = ['MESSAGE sip:a@b SIP/2.0', 'l : 003'];
  const kept = messageOf(lines, 'abc');
  assert.deepEqual(linesOf(kept), ['MESSAGE sip:a@b SIP/2.0', 'l: 003']);
  const longer = { ...kept, body: Buffer.from('\u00e9\u00e9') };
  assert.deepEqual(linesOf(longer), ['MESSAGE sip:a@b SIP/2.0', 'l: 4']);
});

test('nothing that would end a line gets into a message', () => {
  const evil = 'x\r\nRoute: <sip:evil>';
  const request = aRequest('OPTIONS');
  const attempts: readonly (() => unknown)[] = [
    () => headerField('X', evil),
    () => headerField('X\r\nY', 'z'),
    () => headerField('X Y', 'z'),
    () => headerField('', 'z'),
    () => withField(request, 'Subject', evil),
    () => buildRequest({ method: 'A B', uri: 'sip:a@b', headers: [] }),
    () => buildRequest({ method: 'A', uri: 'sip:a@b SIP/2.0\r\nX: y', headers: [] }),
    () => forwardRequest(request, { uri: 'sip:a b', via: via ?? assert.fail() }),
    () => forwardRequest(request, { via: { ...(via ?? assert.fail()), host: evil } }),
    () => writeMessage(buildResponse(request, { status: 400, reason: evil })),
    () => buildResponse(request, { status: 400, toTag: evil }),
    () => writeMessage({ ...request, headers: [{ name: 'X', key: 'x', value: evil }] }),
    () => writeMessage({ ...request, headers: [{ name: evil, key: 'x', value: '' }] }),
  ];
  for (const attempt of attempts) {
    assert.throws(attempt, SipBuildError);
  }
});

test('branches, tags and Call-IDs come from chance alone', () => {
  const chance = { uuid: () => '0193-4a-b', fraction: () => 0 };
  assert.equal(mintBranch(chance), 'z9hG4bK01934ab');
  assert.equal(mintTag(chance), '01934ab');
  assert.equal(mintCallId(chance), '01934ab');
});

test('a CSeq of the request stands in the CANCEL with its number', () => {
  assert.deepEqual(cseqOf(buildCancel(aRequest('INVITE'))), { sequence: 7, method: 'CANCEL' });
});

function linesOf(message: SipMessage): string[] {
  return writeMessage(message).toString().split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];
}
