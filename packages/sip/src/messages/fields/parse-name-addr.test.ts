import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipBuildError } from '../header-field.ts';
import { writeUri } from '../uri/write-uri.ts';
import { parseNameAddr, writeNameAddr } from './parse-name-addr.ts';

// biome-ignore format: one value a line.
/** What is written, the display name, the URI, and the value as it is sent on. */
const values: readonly (readonly [string, string | undefined, string, string])[] = [
  ['sip:a@b', undefined, 'sip:a@b', '<sip:a@b>'],
  ['sip:a@b;tag=1', undefined, 'sip:a@b', '<sip:a@b>;tag=1'],
  ['<sip:a@b;lr>;tag=1', undefined, 'sip:a@b;lr', '<sip:a@b;lr>;tag=1'],
  ['Anna <sip:a@b>', 'Anna', 'sip:a@b', '"Anna" <sip:a@b>'],
  ['A. Bell<sip:a@b>', 'A. Bell', 'sip:a@b', '"A. Bell" <sip:a@b>'],
  ['"Bell, A" <sip:a@b>', 'Bell, A', 'sip:a@b', '"Bell, A" <sip:a@b>'],
  ['"J \\\\\\"" <sip:a@b> ;\ttag = 9', 'J \\"', 'sip:a@b', '"J \\\\\\"" <sip:a@b>;tag=9'],
  ['"<sip:x@y>" <sip:a@b>', '<sip:x@y>', 'sip:a@b', '"<sip:x@y>" <sip:a@b>'],
  ['J\u00fcrgen <sip:a@b>', 'J\u00fcrgen', 'sip:a@b', '"J\u00fcrgen" <sip:a@b>'],
  ['"" <sip:a@b>', undefined, 'sip:a@b', '<sip:a@b>'],
  ['<tel:+123;x=y>', undefined, 'tel:+123;x=y', '<tel:+123;x=y>'],
  ['tel:+123;x=y', undefined, 'tel:+123', '<tel:+123>;x=y'],
  ['sip:a@b;+sip.instance="<urn:uuid:1>"', undefined, 'sip:a@b', '<sip:a@b>;+sip.instance="<urn:uuid:1>"'],
];

for (const [text, displayName, uri, sent] of values) {
  test(`${text} is read, and sent as ${sent}`, () => {
    const value = parseNameAddr(text);
    assert.ok(value !== undefined);
    assert.equal(value.displayName, displayName);
    assert.equal(writeUri(value.uri), uri);
    assert.equal(writeNameAddr(value), sent);
    assert.deepEqual(parseNameAddr(sent), value);
  });
}

const malformed = [
  '',
  'Anna',
  '"Anna <sip:a@b>',
  'Bell, A <sip:a@b>',
  '<sip:a@b',
  '< sip:a@b >',
  '<sip:a@b>;',
  '<sip:a@b>;;tag=1',
  '<sip:a@b> tag=1',
  '<sip:a@b>;tag="1',
  'sip:a@b?Route=%3Csip:c%3E',
  'sip:a,b@c',
  '"Anna" sip:a@b',
];

for (const text of malformed) {
  test(`${JSON.stringify(text)} is malformed`, () => {
    assert.equal(parseNameAddr(text), undefined);
  });
}

test('a URI never leaves its brackets', () => {
  const uri = { kind: 'other', scheme: 'x', opaque: 'a>;tag=evil' } as const;
  assert.throws(() => writeNameAddr({ uri, parameters: [] }), SipBuildError);
  const space = { kind: 'other', scheme: 'x', opaque: 'a b' } as const;
  assert.throws(() => writeNameAddr({ uri: space, parameters: [] }), SipBuildError);
});

test('parameters without brackets belong to the field, with brackets to the URI', () => {
  const [outside, inside] = [parseNameAddr('sip:a@b;x'), parseNameAddr('<sip:a@b;x>')];
  assert.deepEqual(outside?.parameters, [{ name: 'x' }]);
  assert.deepEqual(inside?.parameters, []);
});
