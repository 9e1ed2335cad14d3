import { lookup, Resolver as DnsResolver } from 'node:dns/promises';
import { type DnsAnswer, ResolveError, type Resolver } from './resolver.ts';

export type SystemResolverOptions = {
  /** `address` or `address:port`; left out, those of the system. */
  readonly servers?: readonly string[];
  /** Node gives no TTL for SRV and NAPTR, nor for missing names: they are kept this long. */
  readonly untoldTtlMs?: number;
  readonly timeoutMs?: number;
  readonly triesMax?: number;
};

/** Short, so that a name that moves to another site is followed soon. */
const untoldTtlMsByDefault = 30_000;
/** What the system's resolver and Node call a name, or records, that do not exist. */
const missing = new Set(['ENOTFOUND', 'ENODATA']);

/** DNS by Node's own resolver, and the system's hosts file for names that DNS does not have. */
export function createSystemResolver(options: SystemResolverOptions = {}): Resolver {
  const { servers, untoldTtlMs = untoldTtlMsByDefault, timeoutMs = 2_000, triesMax = 2 } = options;
  const dns = new DnsResolver({ timeout: timeoutMs, tries: triesMax });
  if (servers !== undefined) dns.setServers(servers);
  const plain = async <Record>(name: string, ask: () => Promise<Record[]>) => ({
    records: await orNone(name, ask),
    ttlMs: untoldTtlMs,
  });
  return {
    naptr: (name) => plain(name, () => dns.resolveNaptr(name)),
    srv: async (name) => {
      const { records, ttlMs } = await plain(name, () => dns.resolveSrv(name));
      return { records: records.map(({ name: target, ...rest }) => ({ ...rest, target })), ttlMs };
    },
    addresses: async (name) => {
      const found = await Promise.all([
        orNone(name, () => dns.resolve4(name, { ttl: true })),
        orNone(name, () => dns.resolve6(name, { ttl: true })),
      ]);
      const records = found.flat();
      if (records.length === 0) return await fromHosts(name, untoldTtlMs);
      const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000;
      return { records: records.map(({ address }) => address), ttlMs };
    },
  };
}

async function fromHosts(name: string, ttlMs: number): Promise<DnsAnswer<string>> {
  const found = await orNone(name, () => lookup(name, { all: true }));
  return { records: found.map(({ address }) => address), ttlMs };
}

/** That there is nothing is an answer; that nobody answered is an error. */
async function orNone<Record>(name: string, ask: () => Promise<Record[]>): Promise<Record[]> {
  try {
    return await ask();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (missing.has(code)) return [];
    const why = `dns: no answer for ${name} (${code}); look at the name servers`;
    throw new ResolveError(why, { cause });
  }
}
