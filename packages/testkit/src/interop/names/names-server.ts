import { Resolver } from 'node:dns/promises';
import { mkdir } from 'node:fs/promises';
import { waitFor } from '../../e2e/sites/wait-for.ts';
import { bounds } from '../bounds.ts';
import { ForeignProcess } from '../foreign-process.ts';
import { findPhonePort } from '../free-port.ts';

export const dnsmasq = '/usr/sbin/dnsmasq';

/** A record as RFC 2782 has it; the target is an address of this machine. */
export type ServiceRecord = {
  /** As `_sip._tcp.east.example.test`. */
  readonly service: string;
  readonly priority: number;
  readonly target: string;
  readonly address: string;
  readonly port: number;
};

/** A real name server (dnsmasq) that knows these records and nothing else. */
export class NamesServer implements AsyncDisposable {
  /** As phones are told of it: HOST:PORT. */
  readonly place: string;
  readonly #process: ForeignProcess;

  static async start(folder: string, records: readonly ServiceRecord[]): Promise<NamesServer> {
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

  async #waitAnswering(records: readonly ServiceRecord[]): Promise<void> {
    const resolver = new Resolver({ timeout: bounds.commandMs, tries: 1 });
    resolver.setServers([this.place]);
    const [first] = records;
    if (first === undefined) throw new Error('a name server without records');
    await waitFor(
      `that ${this.place} answers for ${first.service}`,
      async () => {
        if (!this.#process.isRunning) throw new Error(await this.#process.said());
        return await resolver.resolveSrv(first.service);
      },
      bounds.namesMs,
    );
  }
}

function wordsOf(port: number, records: readonly ServiceRecord[]): readonly string[] {
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
    ...records.flatMap(({ service, priority, target, address, port: own }) => [
      `--srv-host=${service},${target},${own},${priority},1`,
      `--host-record=${target},${address}`,
    ]),
  ];
}
