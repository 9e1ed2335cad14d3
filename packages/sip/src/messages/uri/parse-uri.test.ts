import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userCharacters } from '../grammar/characters.ts';
import { SipBuildError } from '../header-field.ts';
import { buildSipUri } from './build-uri.ts';
import { escapeUri, unescapeUri } from './escaping.ts';
import { parseUri } from './parse-uri.ts';
import { writeUri } from './write-uri.ts';

const kept = [
  'sip:anna@example.com',
  'sip:example.com',
  'sips:anna:secret@example.com:5061;transport=tcp;lr',
  'sip:anna@192.0.2.1:5060',
  'sip:anna@[2001:db8::1]:5060;transport=udp',
  'sip:[::1]',
  'sip:user;par=u%40example.net@example.com',
  'sip:sips%3Auser%40example.com@example.net',
  'sip:*21#@example.com',
  'sip:host;lr=',
  'sip:a@b?Route=%3Csip:c%3E&Subject=',
  "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.com",
  'tel:+1-201-555-0123',
  'tel:7042;phone-context=example.com',
  'isbn:2983792873',
  'http://www.example.com/a?b',
  'urn:uuid:00000000-0000-1000-8000-000a95a0e128',
];

for (const text of kept) {
  test(`${text} is read and written as it is`, () => {
    const uri = parseUri(text);
    assert.ok(uri !== undefined);
    assert.equal(writeUri(uri), text);
  });
}

const refused = [
  '',
  'sip:',
  'sip:@',
  'sip:anna@',
  'sip:anna@example.com:',
  'sip:anna@example.com:65536',
  'sip:anna@example.com:5060x',
  'sip:an na@example.com',
  'sip:anna@example.com;',
  'sip:anna@example.com;;lr',
  'sip:anna@example.com?',
  'sip:anna@example.com?Subject',
  'sip:anna@[2001:db8::1',
  'sip:anna@[2001:db8::g]',
  'sip:anna@[example.com]',
  'sip:%4@example.com',
  'sip:a@b@c',
  '<sip:anna@example.com>',
  'anna@example.com',
  '1sip:anna@example.com',
  'sip:anna\r\n@example.com',
  'sip:ann\u00e9@example.com',
  'tel:',
  'tel:anna',
];

for (const text of refused) {
  test(`${JSON.stringify(text)} is no URI`, () => {
    assert.equal(parseUri(text), undefined);
  });
}

test('the parts of a URI stand as they were written', () => {
  assert.deepEqual(parseUri('SIPS:Anna:p@[::1]:5061;Transport=TCP;lr?a=b'), {
    kind: 'sip',
    scheme: 'sips',
    user: 'Anna',
    password: 'p',
    host: '[::1]',
    port: 5061,
    parameters: [{ name: 'Transport', value: 'TCP' }, { name: 'lr' }],
    headers: [{ name: 'a', value: 'b' }],
  });
});

test('a URI of our own says the text it is made of, whatever it holds', () => {
  for (const user of [
    'anna',
    'a@b',
    'a b',
    'J\u00fcrgen',
    '*21#',
    'x>;tag=y',
    'a:b',
    '%41',
    '\0\r\n',
  ]) {
    const uri = buildSipUri({
      user,
      host: 'example.com',
      port: 5061,
      parameters: [{ name: 'lr' }],
    });
    assert.deepEqual(parseUri(writeUri(uri)), uri);
    assert.equal(unescapeUri(uri.user ?? ''), user);
  }
  assert.equal(writeUri(buildSipUri({ scheme: 'sips', host: '[::1]' })), 'sips:[::1]');
});

test('a host or parameter that would become another part is refused', () => {
  const bad = [
    { host: '' },
    { host: 'a@b' },
    { host: 'a;lr' },
    { host: 'a:5060' },
    { host: '::1' },
    { host: 'a', port: 70_000 },
    { host: 'a', parameters: [{ name: 'x;y' }] },
    { host: 'a', parameters: [{ name: 'x', value: '?a=b' }] },
    { host: 'a\r\nb' },
  ];
  for (const parts of bad) {
    assert.throws(() => buildSipUri(parts), SipBuildError, JSON.stringify(parts));
  }
});

test('escapes are octets of UTF-8, NUL among them', () => {
  assert.equal(unescapeUri('J%C3%BCrgen%20%00'), 'J\u00fcrgen \u0000');
  assert.equal(unescapeUri('100%'), '100%');
  assert.equal(escapeUri('J\u00fcrgen @%', userCharacters), 'J%C3%BCrgen%20%40%25');
});
