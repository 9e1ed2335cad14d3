// What RFC 5118 asks of IPv6 references, with messages of our own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../header-list.ts';
import type { SipMessage } from '../message.ts';
import { parameterValue } from '../parameters.ts';
import { fromOf, requestUri, topVia, viasOf } from '../read/read-fields.ts';
import { messageOf } from '../testing/build-message.ts';
import { checkSyntax } from './check-syntax.ts';

const via = 'SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3';

function register(uri: string, ...vias: readonly string[]): SipMessage {
  return messageOf([
    `REGISTER ${uri} SIP/2.0`,
    ...vias.map((value) => `Via: ${value}`),
    'From: <sip:anna@[2001:db8::a]>;tag=81x2',
    'To: <sip:anna@example.com>',
    'Call-ID: c1@[2001:db8::9:1]',
    'CSeq: 98176 REGISTER',
    'Contact: <sip:anna@[2001:db8::9:1]:5070>',
  ]);
}

test('an IPv6 reference may stand wherever a host may (section 4.1)', () => {
  const message = register('sip:[2001:db8::10]', via);
  assert.deepEqual(checkSyntax(message), { kind: 'accept' });
  const from = fromOf(message)?.uri;
  assert.equal(from?.kind === 'sip' && from.host, '[2001:db8::a]');
});

test('an IPv6 address without brackets is no host (section 4.2)', () => {
  const verdict = checkSyntax(register('sip:2001:db8::10', via));
  assert.ok(verdict.kind === 'answer');
  assert.deepEqual([verdict.status, verdict.reason], [400, 'Malformed Request-URI']);
});

test('figures within the brackets are never the port (sections 4.3 and 4.4)', () => {
  const [within, behind] = ['sip:[2001:db8::10:5070]', 'sip:[2001:db8::10]:5070'].map((text) => {
    const message = register(text, via);
    assert.deepEqual(checkSyntax(message), { kind: 'accept' });
    const uri = message.kind === 'request' ? requestUri(message) : undefined;
    return uri?.kind === 'sip' ? [uri.host, uri.port] : [];
  });
  assert.deepEqual(within, ['[2001:db8::10:5070]', undefined]);
  assert.deepEqual(behind, ['[2001:db8::10]', 5070]);
});

test('received is taken with brackets and without (section 4.5)', () => {
  for (const received of ['2001:db8::9:255', '[2001:db8::9:255]']) {
    const message = register('sip:[2001:db8::10]', `${via};received=${received};rport=5060`);
    assert.deepEqual(checkSyntax(message), { kind: 'accept' });
    const parameters = topVia(message)?.parameters ?? [];
    assert.equal(parameterValue(parameters, 'received'), received);
  }
});

test('both kinds of addresses stand side by side, mapped ones too (sections 4.7 and 4.9)', () => {
  const others = ['SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKt', 'SIP/2.0/TCP [::ffff:192.0.2.10]:19823'];
  const message = register('sip:[2001:db8::10]', via, ...others);
  assert.deepEqual(checkSyntax(message), { kind: 'accept' });
  assert.equal(fieldsOf(message, 'via').length, 3);
  assert.deepEqual(
    viasOf(message)?.map(({ host }) => host),
    ['[2001:db8::9:1]', '192.0.2.1', '[::ffff:192.0.2.10]'],
  );
});
