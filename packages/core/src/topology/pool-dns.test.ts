import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer } from '../ids.ts';
import { type DnsRecord, type PhoneServer, poolDns } from './pool-dns.ts';

const server = (name: string, changed: Partial<PhoneServer> = {}): PhoneServer => ({
  name: asServer(name),
  address: '192.0.2.1',
  sip: 5060,
  ...changed,
});
const dns = (home: readonly PhoneServer[], backup: readonly PhoneServer[]) =>
  poolDns({ name: 'east.example.org', domain: 'example.org', home, backup });
const inShort = (record: DnsRecord) => {
  if (record.type === 'NAPTR') return `${record.order} ${record.service} ${record.replacement}`;
  if (record.type !== 'SRV') return `${record.type} ${record.name} ${record.address}`;
  return `${record.name} ${record.priority} ${record.target}:${record.port}`;
};

test('home comes before the backup, and servers of one side are alike', () => {
  const home = [server('east-1'), server('east-2', { address: '2001:db8::2' })];
  const records = dns(home, [server('west-1', { address: 'sip.west.example.org', sip: 5080 })]);
  assert.deepEqual(records.map(inShort), [
    '10 SIP+D2T _sip._tcp.east.example.org',
    '20 SIP+D2U _sip._udp.east.example.org',
    '_sip._tcp.east.example.org 10 east-1.example.org:5060',
    '_sip._tcp.east.example.org 10 east-2.example.org:5060',
    '_sip._tcp.east.example.org 20 sip.west.example.org:5080',
    '_sip._udp.east.example.org 10 east-1.example.org:5060',
    '_sip._udp.east.example.org 10 east-2.example.org:5060',
    '_sip._udp.east.example.org 20 sip.west.example.org:5080',
    'A east-1.example.org 192.0.2.1',
    'AAAA east-2.example.org 2001:db8::2',
  ]);
});

test('TLS is preferred where each side has it, and nowhere else', () => {
  const tls = { sips: 5061 };
  const both = dns([server('east-1', tls), server('east-2')], [server('west-1', tls)]);
  assert.deepEqual(both.map(inShort).slice(0, 5), [
    '10 SIPS+D2T _sips._tcp.east.example.org',
    '20 SIP+D2T _sip._tcp.east.example.org',
    '30 SIP+D2U _sip._udp.east.example.org',
    '_sips._tcp.east.example.org 10 east-1.example.org:5061',
    '_sips._tcp.east.example.org 20 west-1.example.org:5061',
  ]);
  const one = dns([server('east-1', tls)], [server('west-1')]);
  assert.deepEqual(
    one.filter(({ name }) => name.startsWith('_sips')),
    [],
  );
});

test('a pool without a backup has its own servers alone', () => {
  const records = dns([server('east-1')], []);
  assert.deepEqual(
    records.flatMap((each) => (each.type === 'SRV' ? [each.priority] : [])),
    [10, 10],
  );
});
