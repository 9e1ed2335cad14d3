import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDatagram, type SipRequest } from '@understudy/sip';
import { readRegistration } from './read-registration.ts';
import { SipRefusal } from './sip-refusal.ts';

const bounds = { lifeMinMs: 60_000, lifeMs: 600_000, lifeMaxMs: 7_200_000 };

function aRegister(...lines: readonly string[]): SipRequest {
  const text = [
    'REGISTER sip:example.test SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: <sip:ann@example.test>;tag=1',
    'To: <sip:ann@example.test>',
    'Call-ID: one',
    'CSeq: 7 REGISTER',
    ...lines,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const parsed = parseDatagram(Buffer.from(text));
  if (parsed.kind !== 'message' || parsed.message.kind !== 'request') assert.fail(text);
  return parsed.message;
}

const read = (...lines: readonly string[]) =>
  readRegistration(aRegister(...lines), 'udp 192.0.2.1:5060', bounds);

function refusal(...lines: readonly string[]): readonly [number, ...string[]] {
  try {
    read(...lines);
  } catch (error) {
    if (!(error instanceof SipRefusal)) throw error;
    return [error.status, ...error.headers.map(({ name, value }) => `${name}: ${value}`)];
  }
  return assert.fail(`taken: ${lines.join()}`);
}

test('contacts, their order of liking and their lives', () => {
  const { contacts, callId, cseq } = read(
    'Contact: <sip:a@192.0.2.1>;q=0.25;expires=90, sip:b@192.0.2.1;expires=0',
    'Contact: "Ann" <sip:c@192.0.2.1;transport=tcp>;expires=999999',
    'Expires: 120',
  );
  assert.deepEqual([callId, cseq], ['one', 7]);
  assert.deepEqual(contacts, [
    { contact: 'sip:a@192.0.2.1', q: 250, lifeMs: 90_000 },
    { contact: 'sip:b@192.0.2.1', q: 1000, lifeMs: 0 },
    { contact: 'sip:c@192.0.2.1;transport=tcp', q: 1000, lifeMs: 7_200_000 },
  ]);
});

test('the life is that of the contact, of the request, or the default', () => {
  const lifeOf = (...lines: readonly string[]) => {
    const { contacts } = read(...lines);
    return contacts === 'all' ? undefined : contacts[0]?.lifeMs;
  };
  assert.equal(lifeOf('Contact: <sip:a@192.0.2.1>'), 600_000);
  assert.equal(lifeOf('Contact: <sip:a@192.0.2.1>', 'Expires: 300'), 300_000);
  assert.equal(lifeOf('Contact: <sip:a@192.0.2.1>;expires=soon'), 600_000);
});

const numbered = (regId: number) =>
  `Contact: <sip:a@192.0.2.1>;+sip.instance="<urn:uuid:1>";reg-id=${regId}`;
const able = 'Supported: path, outbound';

test('a phone says which it is and numbers its connections (RFC 5626)', () => {
  const phone = { contact: 'sip:a@192.0.2.1', q: 1000, lifeMs: 600_000 };
  const instance = '<urn:uuid:1>';
  assert.deepEqual(read(numbered(2), able).contacts, [{ ...phone, instance, regId: 2 }]);
  assert.deepEqual(read(numbered(2), 'Require: Outbound').contacts, [
    { ...phone, instance, regId: 2 },
  ]);
  // Who does not say that it knows outbound does not know what a reg-id brings about.
  assert.deepEqual(read(numbered(2)).contacts, [{ ...phone, instance }]);
  assert.deepEqual(read('Contact: <sip:a@192.0.2.1>;reg-id=2', able).contacts, [phone]);
});

test('a connection is one, and whoever has it must keep it (RFC 5626, section 6)', () => {
  assert.deepEqual(refusal(numbered(1), numbered(2), able), [400]);
  assert.equal(read(numbered(1), `${numbered(2)};expires=0`, able).contacts.length, 2);
  const edge = 'Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK2';
  assert.deepEqual(refusal(numbered(1), able, edge), [439]);
  assert.deepEqual(refusal(numbered(1), able, edge, 'Path: <sip:edge.test;lr>'), [439]);
  assert.equal(read(numbered(1), edge).contacts.length, 1, 'nothing was asked for');
  const path = 'Path: <sip:inner.test;lr>, <sip:edge.test;lr;ob>';
  assert.equal(read(numbered(1), able, edge, path).contacts.length, 1);
});

test('the star removes all, alone and with Expires: 0', () => {
  assert.equal(read('Contact: *', 'Expires: 0').contacts, 'all');
  assert.deepEqual(refusal('Contact: *'), [400]);
  assert.deepEqual(refusal('Contact: *, <sip:a@192.0.2.1>', 'Expires: 0'), [400]);
});

test('what cannot be registered is refused with what is owed', () => {
  assert.deepEqual(refusal('Contact: <sip:a@192.0.2.1>;expires=59'), [423, 'Min-Expires: 60']);
  assert.deepEqual(refusal('Contact: <mailto:a@example.test>'), [403]);
  assert.deepEqual(refusal('Contact: <sip:a@192.0.2.1'), [400]);
  assert.deepEqual(refusal('Contact: <sip:a@192.0.2.1>', 'Path: nonsense here'), [400]);
  const many = Array.from({ length: 17 }, (_, at) => `Contact: <sip:${at}@192.0.2.1>`);
  assert.deepEqual(refusal(...many), [403]);
});
