import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ha1Of } from '@understudy/sip';
import { createUserRowReader } from './read-user-rows.ts';
import { recordBytesMax } from './scan-records.ts';

/** Reads in pieces of `size` bytes, so that every cut is tried somewhere. */
function read(csv: string | Uint8Array, size = 7) {
  const bytes = Buffer.from(csv);
  const reader = createUserRowReader('r');
  const rows = [];
  for (let at = 0; at < bytes.length; at += size) {
    rows.push(...reader.push(bytes.subarray(at, at + size)));
  }
  rows.push(...reader.end());
  return { rows, bad: reader.bad, count: reader.badCount() };
}
const head = 'name,display_name,password\n';

test('quotes, commas in them, CRLF, a byte order mark, blank lines, no line end at the end', () => {
  const csv =
    '\ufeffname,display_name,password\r\nanna,"Anna ""A"", Dr.",p\r\n\r\nbert,B\u00e9,"q,"';
  for (let size = 1; size < 20; size++) {
    const { rows, bad } = read(csv, size);
    assert.deepEqual(bad, []);
    const told = rows.map(({ line, name, displayName }) => [line, name, displayName]);
    assert.deepEqual(told, [
      [2, 'anna', 'Anna "A", Dr.'],
      [4, 'bert', 'B\u00e9'],
    ]);
    assert.equal(
      rows[1]?.credentials.find(({ algorithm }) => algorithm === 'MD5')?.ha1,
      ha1Of('MD5', { name: 'bert', realm: 'r', password: 'q,' }),
    );
  }
});

test('ready digests are taken as they are, and only whole ones', () => {
  const digest = 'A'.repeat(32);
  const { rows, bad } = read(`name,ha1_md5\nanna,${digest}\nbert,${digest}0\n`);
  assert.deepEqual(rows[0]?.credentials, [{ algorithm: 'MD5', ha1: 'a'.repeat(32) }]);
  assert.deepEqual(bad, [{ line: 3, why: 'the digest for MD5 is not 32 hexadecimal digits' }]);
});

test('every bad line is named with its number and why', () => {
  const nul = String.fromCharCode(0);
  const lines = [
    'good,G,p',
    'two fields,x',
    '"a b",x,p',
    'anna,x,',
    `bert,a${nul}b,p`,
    'carl,a"b,p',
    'dora,"a"b,p',
    'good,again,p',
    `emil,${'x'.repeat(300)},p`,
    'last,L,p',
  ];
  const { rows, bad } = read(head + lines.join('\n'));
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['good', 'last'],
  );
  assert.deepEqual(
    bad.map(({ line }) => line),
    [3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.match(bad[6]?.why ?? '', /on line 2 already/);
  assert.match(bad[3]?.why ?? '', /control character/);
});

test('a huge line, an open quote and bytes that are no text are one bad line each', () => {
  const huge = read(`${head}${'x'.repeat(recordBytesMax * 3)}\nbert,B,p\n`, 1000);
  assert.deepEqual(
    huge.bad.map(({ line }) => line),
    [2],
  );
  assert.equal(huge.rows[0]?.line, 3);
  const open = read(`${head}anna,"A,p\nbert,B,p\n`);
  assert.deepEqual(open.bad, [{ line: 2, why: 'a quote is opened and never closed' }]);
  const binary = read(Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe, 0x0a])]));
  assert.deepEqual(binary.bad, [{ line: 2, why: 'it is not UTF-8 text' }]);
  const hugeOpen = read(`${head}"${'y\n'.repeat(recordBytesMax)}`, 1000);
  assert.ok(hugeOpen.count >= 1);
  assert.equal(hugeOpen.bad[0]?.line, 2);
});

test('a first line that names no columns stops everything', () => {
  for (const csv of [
    '',
    'name\nanna\n',
    'anna,secret\n',
    'name,name,password\n',
    'password\nx\n',
    'nme,password\nanna,p\nbert,p\n',
    '"name,password\nanna,p\n',
  ]) {
    const { rows, bad } = read(csv);
    assert.deepEqual(rows, [], csv);
    assert.deepEqual(
      bad.map(({ line }) => line),
      [1],
      `${csv}: the lines below are not blamed for it`,
    );
  }
});

test('what is named is bounded, what is counted is not; passwords are never repeated', () => {
  const { bad, count } = read(`${head}${'x y,X,hunter2\n'.repeat(500)}`, 100);
  assert.equal(count, 500);
  assert.equal(bad.length, 100);
  assert.doesNotMatch(JSON.stringify(bad), /hunter2/);
});
