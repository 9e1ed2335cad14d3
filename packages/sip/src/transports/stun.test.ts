import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededChance } from '@understudy/ports/fake';
import { mutate } from '../messages/testing/mutate.ts';
import { answerStun } from './stun.ts';

// The transaction and the addresses of RFC 5769, sections 2.2 and 2.3.
const id = '2112a442b7e7a701bc34d686fa87dfae';
const request = (attributes = '') => {
  const body = Buffer.from(attributes, 'hex');
  const length = body.length.toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(`0001${length}${id}`, 'hex'), body]);
};
const four = { address: '192.0.2.1', port: 32_853 };
const six = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 };
const answer = (bytes: Buffer, peer = four) => answerStun(bytes, peer)?.toString('hex');

test('a phone is told the address that it is seen at (RFC 5769, sections 2.2 and 2.3)', () => {
  assert.equal(answer(request()), `0101000c${id}002000080001a147e112a643`);
  assert.equal(
    answer(request(), six),
    `01010018${id}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`,
  );
  assert.equal(answer(request(), { address: '::1', port: 1 })?.length, 2 * (20 + 24));
});

test('what may be passed over is, and what must be understood is named', () => {
  const [software, fingerprint] = ['8022000361626300', '8028000400000000'];
  assert.match(answer(request(software + fingerprint)) ?? '', /^0101/);
  const refused = `01110010${id}0009000400000414000a000200270000`;
  assert.equal(answer(request('00270000')), refused);
});

test('nothing else is answered as STUN', () => {
  const other = (change: (bytes: Buffer) => void) => {
    const bytes = request('8028000400000000');
    change(bytes);
    return answer(bytes);
  };
  assert.equal(
    other((bytes) => bytes.writeUInt16BE(0x0101, 0)),
    undefined,
    'an answer',
  );
  assert.equal(
    other((bytes) => bytes.writeUInt32BE(1, 4)),
    undefined,
    'without the cookie',
  );
  assert.equal(
    other((bytes) => bytes.writeUInt16BE(4, 2)),
    undefined,
    'of another length',
  );
  assert.equal(
    other((bytes) => bytes.writeUInt16BE(99, 22)),
    undefined,
    'a broken attribute',
  );
  assert.equal(answer(Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n')), undefined);
  assert.equal(answer(Buffer.alloc(600)), undefined);
});

test('whatever comes, an answer is short and nothing falls', () => {
  const whole = request('80280004000000000027000000060003616263000008000400000000');
  for (let seed = 0; seed < 2_000; seed += 1) {
    const bytes = mutate(whole, new SeededChance(seed));
    const length = answerStun(bytes, six)?.length ?? 0;
    assert.ok(length <= 60, `seed ${seed}: ${length} octets`);
  }
});
