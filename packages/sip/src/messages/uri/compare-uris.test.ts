import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfRecord } from './address-of-record.ts';
import { areUrisEqual } from './compare-uris.ts';
import { parseSipUri, parseUri } from './parse-uri.ts';

// The pairs that RFC 3261, section 19.1.4, gives, and those of section 10.3 and RFC 3966.
const equal = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
  ['sip:a@[2001:DB8::1]', 'sip:a@[2001:db8::1]'],
  ['sip:a%3bb@h', 'sip:a%3Bb@h'],
  ['tel:+1-201-555-0123', 'tel:+12015550123'],
  ['tel:7042;phone-context=Example.com', 'tel:7042;phone-context=example.com'],
  ['urn:service:sos', 'urn:service:sos'],
] as const;

const different = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com;transport=udp', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
  ['sip:biloxi.com', 'sip:bob@biloxi.com'],
  ['sip:a:x@h', 'sip:a@h'],
  ['sip:a@h;maddr=192.0.2.1', 'sip:a@h'],
  // An escaped semicolon is a part of the name, a plain one is too, and they are two names.
  ['sip:a%3Bb@h', 'sip:a;b@h'],
  ['tel:+12015550123', 'tel:2015550123'],
  ['tel:7042;phone-context=example.com', 'tel:7042'],
  ['tel:+12015550123', 'sip:+12015550123@h'],
] as const;

for (const [pairs, wanted] of [
  [equal, true],
  [different, false],
] as const) {
  for (const [one, other] of pairs) {
    test(`${one} ${wanted ? 'is' : 'is not'} ${other}`, () => {
      const [left, right] = [parseUri(one), parseUri(other)];
      assert.ok(left !== undefined && right !== undefined);
      assert.equal(areUrisEqual(left, right), wanted);
      assert.equal(areUrisEqual(right, left), wanted);
    });
  }
}

test('an address-of-record is one text, however its URI is written', () => {
  const one = parseSipUri('sip:%61nna:pw@Example.COM;user=phone?x=y');
  assert.ok(one !== undefined);
  assert.equal(addressOfRecord(one), 'sip:anna@example.com');
  const other = parseSipUri('sips:a%40b@EXAMPLE.com:5070');
  assert.ok(other !== undefined);
  assert.equal(addressOfRecord(other), 'sips:a%40b@example.com:5070');
});
