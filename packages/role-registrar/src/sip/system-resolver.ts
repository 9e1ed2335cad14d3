import { Resolver as Dns } from 'node:dns/promises';
import { type DnsAnswer, type Resolver, ResolveError } from '@understudy/sip';

/** What node:dns says without a TTL is kept no longer than this. */
const unknownTtlMs = 30_000;
const lookupTimeoutMs = 2_000;
const lookupTries = 2;

/** DNS as this machine is set up to ask it. */
export function createSystemResolver(): Resolver {
  const dns = new Dns({ timeout: lookupTimeoutMs, tries: lookupTries });
  return {
    naptr: async (name) => {
      const found = await orNone(name, dns.resolveNaptr(name));
      return { records: found, ttlMs: unknownTtlMs };
    },
    srv: async (name) => {
      const found = await orNone(name, dns.resolveSrv(name));
      const records = found.map(({ name: target, ...record }) => ({ ...record, target }));
      return { records, ttlMs: unknownTtlMs };
    },
    addresses: async (name) => addressesOf(name, dns),
  };
}

async function addressesOf(name: string, dns: Dns): Promise<DnsAnswer<string>> {
  const found = await Promise.all([
    orNone(name, dns.resolve4(name, { ttl: true })),
    orNone(name, dns.resolve6(name, { ttl: true })),
  ]);
  const records = found.flat();
  const ttls = records.map(({ ttl }) => ttl * 1_000);
  return { records: records.map(({ address }) => address), ttlMs: Math.min(unknownTtlMs, ...ttls) };
}

/** A name or type that does not exist is an answer; a resolver that does not answer is none. */
async function orNone<Record>(name: string, looked: Promise<Record[]>): Promise<Record[]> {
  try {
    return await looked;
  } catch (error) {
    const { code = '' } = error as { readonly code?: string };
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw new ResolveError(`DNS gave no answer for ${name}: ${code}; ask again later`);
  }
}
