import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withField, withoutField } from '../header-list.ts';
import type { SipRequest } from '../message.ts';
import { aRequest, aResponse, messageOf } from '../testing/build-message.ts';
import { checkForProxy } from './check-for-proxy.ts';
import { checkForServer } from './check-for-server.ts';
import { checkRegister } from './check-register.ts';
import { checkSyntax } from './check-syntax.ts';
import type { Verdict } from './verdict.ts';

const schemes = ['sip', 'sips', 'tel'];
const server = {
  methods: ['INVITE', 'OPTIONS'],
  knownMethods: ['PUBLISH'],
  schemes,
  optionTags: ['path'],
  contentTypes: ['application/sdp'],
};

/** A verdict with the fields it adds, in words. */
function inWords(verdict: Verdict): string {
  if (verdict.kind !== 'answer') {
    return verdict.kind;
  }
  const fields = verdict.headers.map(({ name, value }) => `; ${name}: ${value}`);
  return `${verdict.status} ${verdict.reason}${fields.join('')}`;
}

test('a usual request and a usual response are accepted', () => {
  assert.equal(inWords(checkSyntax(aRequest('INVITE'))), 'accept');
  assert.equal(inWords(checkSyntax(aResponse(200))), 'accept');
});

test('what every message must have is asked for by name', () => {
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const without = withoutField(aRequest('INVITE'), name);
    assert.equal(inWords(checkSyntax(without)), `400 Missing ${name} header field`);
    assert.equal(checkSyntax(withoutField(aResponse(200), name)).kind, 'drop');
  }
  assert.equal(checkSyntax(withoutField(aRequest('INVITE'), 'Via')).kind, 'drop');
});

test('an ACK is never answered, whatever is wrong with it', () => {
  assert.equal(checkSyntax(withoutField(aRequest('ACK'), 'To')).kind, 'drop');
  const unknown = messageOf(['ACK x:y SIP/2.0', 'Via: SIP/2.0/UDP h']) as SipRequest;
  assert.equal(checkForProxy(unknown, { schemes, optionTags: [] }).kind, 'drop');
  assert.equal(checkForServer(aRequest('ACK'), server).kind, 'drop');
});

test('a field that no one reads on the way does not stop a message', () => {
  const odd = ['Date: never', 'Contact: <<', 'Record-Route: <', 'Warning: ?', 'Expires: soon'];
  assert.equal(inWords(checkSyntax(aRequest('INVITE', ...odd))), 'accept');
  assert.equal(inWords(checkSyntax(aResponse(200, ...odd))), 'accept');
  assert.equal(
    inWords(checkForServer(aRequest('INVITE', ...odd), server)),
    '400 Malformed Contact header field',
  );
});

test('a method that is known to others is 405, one that is not is 501, both with Allow', () => {
  const allow = '; Allow: INVITE, OPTIONS';
  const [known, unknown] = ['PUBLISH', 'FETCH'].map((method) =>
    inWords(checkForServer(aRequest(method), server)),
  );
  assert.equal(known, `405 Method Not Allowed${allow}`);
  assert.equal(unknown, `501 Not Implemented${allow}`);
});

test('what is required and not known is named, but not to a CANCEL', () => {
  const tags = 'Require: PATH, 100rel, gruu';
  const wanted = '420 Bad Extension; Unsupported: 100rel, gruu';
  assert.equal(inWords(checkForServer(aRequest('INVITE', tags), server)), wanted);
  const cancels = { ...server, methods: ['CANCEL'] };
  assert.equal(inWords(checkForServer(aRequest('CANCEL', tags), cancels)), 'accept');
  const proxy = { schemes, optionTags: ['path'] };
  assert.equal(inWords(checkForProxy(aRequest('INVITE', tags), proxy)), 'accept');
  assert.equal(inWords(checkForProxy(aRequest('INVITE', `Proxy-${tags}`), proxy)), wanted);
});

test('a body of another kind is 415 with Accept, unless it may be passed over', () => {
  const usual = aRequest('INVITE', 'Content-Type: Application / SDP;x=y');
  const other = aRequest('INVITE', 'c: text/html');
  const body = Buffer.from('b');
  const optional = withField({ ...other, body }, 'Content-Disposition', 'render;handling=optional');
  assert.equal(inWords(checkForServer({ ...usual, body }, server)), 'accept');
  assert.equal(inWords(checkForServer(other, server)), 'accept');
  assert.equal(
    inWords(checkForServer({ ...other, body }, server)),
    '415 Unsupported Media Type; Accept: application/sdp',
  );
  assert.equal(inWords(checkForServer(optional, server)), 'accept');
});

test('an answer that is not wanted is 406', () => {
  const answering = { ...server, answerTypes: ['application/sdp'] };
  const cases = [
    ['text/plain', '406 Not Acceptable'],
    ['text/plain, application/*;q=0.3', 'accept'],
    ['*/*', 'accept'],
    ['application/SDP', 'accept'],
  ] as const;
  for (const [range, wanted] of cases) {
    const verdict = checkForServer(aRequest('INVITE', `Accept: ${range}`), answering);
    assert.equal(inWords(verdict), wanted);
  }
});

test('the star removes everything and nothing else', () => {
  const star = '400 A Contact of * asks for Expires: 0';
  assert.equal(inWords(checkRegister(aRequest('REGISTER', 'm: *', 'Expires: 0'))), 'accept');
  assert.equal(inWords(checkRegister(aRequest('REGISTER', 'm: *'))), star);
  assert.equal(inWords(checkRegister(aRequest('REGISTER', 'm: *', 'Expires: 60'))), star);
  assert.equal(
    inWords(checkRegister(aRequest('REGISTER', 'm: *, <sip:a@b>', 'Expires: 0'))),
    '400 Malformed Contact header field',
  );
  assert.equal(
    inWords(checkRegister(aRequest('REGISTER', 'Path: <sip:p;lr>, p'))),
    '400 Malformed Path header field',
  );
});
