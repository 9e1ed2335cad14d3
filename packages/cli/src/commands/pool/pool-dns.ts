import type { DeploymentStatus } from '@understudy/api';
import { type PhoneServer, poolDns } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { findNamed } from '../../find-named.ts';
import { zoneLines } from '../../show/zone-lines.ts';
import { UsageError } from '../../usage-error.ts';

type DnsOptions = { readonly name?: string; readonly ttl: string };

const ttlDefault = '300';
const ttlMax = 86_400;

export function addPoolDns(pool: Command, frame: CliFrame): void {
  pool
    .command('dns')
    .description('the DNS records by which phones find this pool, home first (RFC 3263)')
    .argument('<pool>')
    .option('--name <name>', 'what phones are set up with (default: POOL.DOMAIN)')
    .option('--ttl <seconds>', 'how long an answer may be kept', ttlDefault)
    .action(
      acting<[string, DnsOptions]>(frame, async (context, name, options) => {
        const ttlSeconds = readTtl(options.ttl);
        const status = await (await context.connect()).status();
        const { topology } = status;
        const found = findNamed('pool', name, topology.pools);
        const backup = topology.pools.find((each) => each.name === found.backupPool);
        const [domain = ''] = topology.domains;
        const dnsName = readName(options.name ?? `${found.name}.${domain}`);
        const records = poolDns({
          name: dnsName,
          domain,
          home: phoneServers(status, found.servers),
          backup: phoneServers(status, backup?.servers ?? []),
        });
        return {
          json: { name: dnsName, ttlSeconds, records },
          lines: zoneLines(records, ttlSeconds),
        };
      }),
    );
}

const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

function readName(text: string): string {
  if (hostName.test(text)) return text;
  throw new UsageError(`--name ${text}: give a host name, without a dot at its end`);
}

function readTtl(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= ttlMax) return seconds;
  throw new UsageError(`--ttl ${text}: give whole seconds, 1 to ${ttlMax}`);
}

function phoneServers(
  { topology }: DeploymentStatus,
  names: readonly string[],
): readonly PhoneServer[] {
  return topology.servers
    .filter(({ name }) => names.includes(name))
    .map(({ name, address, phones }) => {
      if (phones !== undefined) return { name, address, ...phones };
      const todo = 'give it a fixed `sip` port in the topology file';
      throw new UsageError(`it is not known where phones reach server ${name}: ${todo}`);
    });
}
