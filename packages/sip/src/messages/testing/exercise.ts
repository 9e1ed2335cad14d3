import assert from 'node:assert/strict';
import { buildAckOfFailure, buildCancel } from '../compose/build-request.ts';
import { buildResponse } from '../compose/build-response.ts';
import { forwardRequest, forwardResponse } from '../compose/forward-request.ts';
import { contactExpires, contactQ, contactsOf } from '../fields/contact.ts';
import { parseVia } from '../fields/parse-via.ts';
import type { SipMessage, SipRequest } from '../message.ts';
import { defaultMessageLimits } from '../message-limits.ts';
import { parseDatagram } from '../parse/parse-datagram.ts';
import { addressesOf, expiresOf, fromTag, requestUri, toTag, topVia } from '../read/read-fields.ts';
import { contentTypeOf, dateOf, retryAfterOf, tokensOf } from '../read/read-lists.ts';
import { addressOfRecord } from '../uri/address-of-record.ts';
import { areUrisEqual } from '../uri/compare-uris.ts';
import { unescapeUri } from '../uri/escaping.ts';
import { parseUri } from '../uri/parse-uri.ts';
import { writeUri } from '../uri/write-uri.ts';
import { checkForProxy } from '../validate/check-for-proxy.ts';
import { checkForServer } from '../validate/check-for-server.ts';
import { checkRegister } from '../validate/check-register.ts';
import { checkSyntax } from '../validate/check-syntax.ts';
import { writeMessage } from '../write/write-message.ts';

const abilities = {
  methods: ['INVITE', 'REGISTER', 'OPTIONS'],
  schemes: ['sip', 'sips', 'tel'],
  optionTags: ['path'],
  contentTypes: ['application/sdp'],
  answerTypes: ['application/sdp'],
};

/** Does with a message all that is ever done with one, and holds what must be true of any. */
export function exercise(message: SipMessage): void {
  const { headerCountMax, bodyBytesMax } = defaultMessageLimits;
  assert.ok(message.headers.length <= headerCountMax && message.body.length <= bodyBytesMax);
  readAll(message);
  holdRoundTrip(message);
  const isAccepted = checkSyntax(message).kind === 'accept';
  if (message.kind === 'response') {
    writeMessage(forwardResponse(message));
  } else {
    answerRequest(message);
    if (isAccepted) passOn(message);
  }
}

function readAll(message: SipMessage): void {
  const contacts = contactsOf(message);
  for (const contact of contacts?.kind === 'list' ? contacts.contacts : []) {
    assert.ok((contactQ(contact) ?? 0) <= 1_000);
    assert.ok((contactExpires(contact) ?? 0) < 2 ** 32);
  }
  for (const name of ['route', 'record-route', 'path', 'service-route'] as const) {
    for (const { uri } of addressesOf(message, name) ?? []) {
      // What is written is read as the same again.
      assert.deepEqual(parseUri(writeUri(uri)), uri);
    }
  }
  const read = [fromTag, toTag, topVia, expiresOf, dateOf, retryAfterOf, contentTypeOf];
  for (const readOne of read) {
    readOne(message);
  }
  tokensOf(message, 'require');
}

/** Whoever reads what we write sees the same fields and the same body. */
function holdRoundTrip(message: SipMessage): void {
  const again = parseDatagram(writeMessage(message));
  assert.ok(again.kind === 'message');
  assert.deepEqual(fieldsBesideLength(again.message), fieldsBesideLength(message));
  assert.deepEqual(Buffer.from(again.message.body), Buffer.from(message.body));
}

function fieldsBesideLength({ headers }: SipMessage): SipMessage['headers'] {
  return headers.filter(({ key }) => key !== 'content-length');
}

function answerRequest(request: SipRequest): void {
  const syntax = checkSyntax(request);
  const verdict = syntax.kind === 'accept' ? checkForServer(request, abilities) : syntax;
  checkRegister(request);
  const parts = verdict.kind === 'answer' ? verdict : { status: 200 };
  const answer = buildResponse(request, { ...parts, toTag: 'ours', copyRecordRoute: true });
  const again = parseDatagram(writeMessage(answer));
  assert.ok(again.kind === 'message' && again.message.kind === 'response');
  assert.equal(again.message.status, parts.status);
  assert.deepEqual(again.message.faults, []);
}

const ours = parseVia('SIP/2.0/UDP ours.example.com;branch=z9hG4bKours');

/** An accepted request is sent on as one that its next hop accepts. */
function passOn(request: SipRequest): void {
  const uri = requestUri(request);
  assert.ok(uri !== undefined && ours !== undefined);
  assert.ok(areUrisEqual(uri, uri));
  unescapeUri(uri.kind === 'sip' ? `${addressOfRecord(uri)}${uri.user}` : '');
  checkForProxy(request, abilities);
  for (const sent of [
    forwardRequest(request, { via: ours }),
    buildCancel(request),
    buildAckOfFailure(request, buildResponse(request, { status: 486, toTag: 'ours' })),
  ]) {
    const again = parseDatagram(writeMessage(sent));
    assert.ok(again.kind === 'message');
    assert.deepEqual(checkSyntax(again.message), { kind: 'accept' });
  }
}
