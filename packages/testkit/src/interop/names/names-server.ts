import { Resolver } from 'node:dns/promises';
import { mkdir } from 'node:fs/promises';
import type { DnsRecord } from '@understudy/core';
import { waitFor } from '../../e2e/sites/wait-for.ts';
import { bounds } from '../bounds.ts';
import { ForeignProcess } from '../foreign-process.ts';
import { findPhonePort } from '../free-port.ts';

export const dnsmasq = '/usr/sbin/dnsmasq';

/** A real name server (dnsmasq) that knows these records and nothing else. */
export class NamesServer implements AsyncDisposable {
  /** As phones are told of it: HOST:PORT. */
  readonly place: string;
  readonly #process: ForeignProcess;

  static async start(folder: string, records: readonly DnsRecord[]): Promise<NamesServer> {
    await mkdir(folder, { recursive: true });
    const port = await findPhonePort();
    const start = { program: dnsmasq, words: wordsOf(port, records), folder, log: 'dnsmasq.log' };
    const process = await ForeignProcess.start(start);
    const server = new NamesServer(`127.0.0.1:${port}`, process);
    try {
      await server.#waitAnswering(records);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(place: string, process: ForeignProcess) {
    this.place = place;
    this.#process = process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #waitAnswering(records: readonly DnsRecord[]): Promise<void> {
    const resolver = new Resolver({ timeout: bounds.commandMs, tries: 1 });
    resolver.setServers([this.place]);
    const first = records.find(({ type }) => type === 'SRV');
    if (first === undefined) throw new Error('a name server without SRV records');
    await waitFor(
      `that ${this.place} answers for ${first.name}`,
      async () => {
        if (!this.#process.isRunning) throw new Error(await this.#process.said());
        return await resolver.resolveSrv(first.name);
      },
      bounds.namesMs,
    );
  }
}

function wordsOf(port: number, records: readonly DnsRecord[]): readonly string[] {
  return [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--pid-file=',
    '--user=root', // dnsmasq would else become a user who cannot read where it stands.
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
    '--no-resolv',
    '--no-hosts',
    `--port=${port}`,
    ...records.map(wordOf),
  ];
}

function wordOf(record: DnsRecord): string {
  switch (record.type) {
    case 'NAPTR': {
      const { name, order, preference, service, replacement } = record;
      return `--naptr-record=${[name, order, preference, 's', service, '', replacement].join(',')}`;
    }
    case 'SRV': {
      const { name, target, port, priority, weight } = record;
      return `--srv-host=${[name, target, port, priority, weight].join(',')}`;
    }
    case 'A':
    case 'AAAA':
      return `--host-record=${record.name},${record.address}`;
  }
}
