import type { DnsRecord } from '@understudy/core';
import { table } from './table.ts';

/** Records as a zone file has them (RFC 1035, section 5). */
export function zoneLines(records: readonly DnsRecord[], ttlSeconds: number): readonly string[] {
  return table(
    records.map((record) => [
      `${record.name}.`,
      `${ttlSeconds}`,
      'IN',
      record.type,
      dataOf(record),
    ]),
  );
}

function dataOf(record: DnsRecord): string {
  switch (record.type) {
    case 'NAPTR': {
      const { order, preference, service, replacement } = record;
      return `${order} ${preference} "s" "${service}" "" ${replacement}.`;
    }
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${record.target}.`;
    case 'A':
    case 'AAAA':
      return record.address;
  }
}
