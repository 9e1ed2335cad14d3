import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRequest } from '../testing/build-message.ts';
import { writeUri } from '../uri/write-uri.ts';
import { contactExpires, contactQ, contactsOf, writeQ } from './contact.ts';
import { parseSipDate, writeSipDate } from './date.ts';
import { parseCSeq } from './parse-cseq.ts';
import { parseNameAddr } from './parse-name-addr.ts';
import { parseVia, uniqueBranch, writeVia } from './parse-via.ts';
import { parseRetryAfter } from './retry-after.ts';

test('a Via is read with white space wherever the grammar allows it', () => {
  const via = parseVia('SIP / 2.0 / udp  [2001:db8::9] : 5070 ; branch = z9hG4bK1 ;rport');
  assert.deepEqual(via, {
    protocol: 'SIP',
    version: '2.0',
    transport: 'UDP',
    host: '[2001:db8::9]',
    port: 5070,
    parameters: [{ name: 'branch', value: 'z9hG4bK1' }, { name: 'rport' }],
  });
  assert.equal(via && writeVia(via), 'SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK1;rport');
});

test('a Via that is none is undefined', () => {
  for (const text of ['', 'SIP/2.0', 'SIP/2.0/UDP', 'SIP/2.0/UDP h;;', 'SIP/2.0/UDP h:70000']) {
    assert.equal(parseVia(text), undefined, text);
  }
});

test('only a branch with the cookie and more is unique', () => {
  const branches = ['z9hG4bKx', 'Z9HG4BKx', 'z9hG4bK', '1', ''];
  const read = branches.map((branch) => parseVia(`SIP/2.0/UDP h;branch=${branch}`));
  assert.deepEqual(
    read.map((via) => via && uniqueBranch(via)),
    ['z9hG4bKx', 'Z9HG4BKx', undefined, undefined, undefined],
  );
});

test('CSeq is a number below 2^31 and a method', () => {
  assert.deepEqual(parseCSeq('0009 \t INVITE'), { sequence: 9, method: 'INVITE' });
  assert.deepEqual(parseCSeq('2147483647 ACK'), { sequence: 2147483647, method: 'ACK' });
  for (const text of ['2147483648 ACK', '-1 ACK', '1', 'ACK', '1 A B', '', '1e3 ACK']) {
    assert.equal(parseCSeq(text), undefined, text);
  }
});

test('contacts over several lines, with q and expires', () => {
  const request = aRequest(
    'REGISTER',
    'Contact: "A, B" <sip:a@h>;q=0.33;expires=60, <sip:b,x@h>',
    'm: sip:c@h;q=1;expires=99999999999',
  );
  const read = contactsOf(request);
  assert.ok(read?.kind === 'list');
  assert.deepEqual(
    read.contacts.map((contact) => [
      writeUri(contact.uri),
      contactQ(contact),
      contactExpires(contact),
    ]),
    [
      ['sip:a@h', 330, 60],
      ['sip:b,x@h', undefined, undefined],
      ['sip:c@h', 1000, 4294967295],
    ],
  );
});

test('the star stands alone or is malformed', () => {
  assert.deepEqual(contactsOf(aRequest('REGISTER', 'Contact: *')), { kind: 'all' });
  assert.equal(contactsOf(aRequest('REGISTER', 'Contact: *, <sip:a@h>')), undefined);
  assert.deepEqual(contactsOf(aRequest('REGISTER')), { kind: 'list', contacts: [] });
});

test('a q is 0 to 1 with three figures behind the point', () => {
  const texts = ['0', '1', '0.7', '0.125', '1.000', '1.1', '2', '0.1234', '.5', 'x', '-0.1'];
  const read = texts.map((q) => parseNameAddr(`<sip:a@h>;q=${q}`)).map((c) => c && contactQ(c));
  assert.deepEqual(read, [0, 1000, 700, 125, 1000, ...Array.from({ length: 6 }, () => undefined)]);
  assert.deepEqual([700, 300, 1000, 0, 125].map(writeQ), ['0.7', '0.3', '1', '0', '0.125']);
});

test('a Date is GMT or none', () => {
  const moment = Date.UTC(2010, 10, 13, 23, 29, 0);
  assert.equal(parseSipDate('Sat, 13 Nov 2010 23:29:00 GMT'), moment);
  assert.equal(writeSipDate(moment), 'Sat, 13 Nov 2010 23:29:00 GMT');
  for (const text of [
    'Fri, 01 Jan 2010 16:00:00 EST',
    'Sat, 31 Feb 2010 23:29:00 GMT',
    'Sat, 13 Nov 2010 24:29:00 GMT',
    'now',
  ]) {
    assert.equal(parseSipDate(text), undefined, text);
  }
});

test('Retry-After has seconds, perhaps a comment, perhaps parameters', () => {
  assert.deepEqual(parseRetryAfter('18000;duration=3600'), {
    seconds: 18000,
    parameters: [{ name: 'duration', value: '3600' }],
  });
  assert.deepEqual(parseRetryAfter('120 (I am (now) in a \\) meeting)'), {
    seconds: 120,
    parameters: [],
  });
  assert.equal(parseRetryAfter('949302838503028349304023988')?.seconds, 4294967295);
  for (const text of ['', 'soon', '1 (open', '-1', '1;;']) {
    assert.equal(parseRetryAfter(text), undefined, text);
  }
});
