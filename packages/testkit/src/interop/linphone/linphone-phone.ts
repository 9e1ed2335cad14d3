import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../../e2e/sites/wait-for.ts';
import { bounds } from '../bounds.ts';
import { ForeignProcess } from '../foreign-process.ts';
import { findPhonePort } from '../free-port.ts';

export const linphone = '/usr/bin/linphonec';

export type LinphoneSetup = {
  readonly folder: string;
  readonly name: string;
  readonly password: string;
  readonly domain: string;
  /** The server that the phone is set up with, as HOST:PORT; it talks TLS. */
  readonly server: string;
  /** What signed the server's certificate: nobody else is believed. */
  readonly certificate: string;
};

/** linphone's console phone over TLS: it signs in when it starts, and answers when it rings. */
export class LinphonePhone implements AsyncDisposable {
  readonly setup: LinphoneSetup;
  readonly #process: ForeignProcess;

  /** Resolves when it has signed in. */
  static async start(setup: LinphoneSetup): Promise<LinphonePhone> {
    const { folder } = setup;
    await rm(folder, { recursive: true, force: true });
    // Without this folder it crashes: its database has no place.
    await mkdir(join(folder, '.local/share/linphone'), { recursive: true });
    await writeFile(join(folder, 'linphonerc'), configOf(setup, await findPhonePort()), {
      mode: 0o600,
    });
    const words = ['-c', join(folder, 'linphonerc'), '-d', '6', '-l', join(folder, log), '-a'];
    const start = { program: linphone, words, folder, log: 'said.log' };
    const phone = new LinphonePhone(setup, await ForeignProcess.start(start));
    try {
      await phone.#waitSignedIn();
      phone.#process.type('soundcard use files'); // A machine of tests has no other ears.
      return phone;
    } catch (error) {
      await phone[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(setup: LinphoneSetup, process: ForeignProcess) {
    this.setup = setup;
    this.#process = process;
  }

  async said(): Promise<string> {
    return await this.#process.said();
  }

  /** Calls, and waits until voice goes both ways as far as the phone can tell. */
  async call(name: string): Promise<void> {
    const from = await this.#mark();
    const logged = (await this.#log()).length;
    this.#process.type(`call ${this.#addressOf(name)}`);
    const end = await this.#waitSaid(from, /Media streams established|Call \d+ .*(?:error|ended)/);
    if (end.startsWith('Media')) return;
    assert.fail(`${end}, after a ${lastRefusal((await this.#log()).slice(logged))}`);
  }

  async hangUp(): Promise<void> {
    const from = await this.#mark();
    this.#process.type('terminate');
    await this.#waitSaid(from, /Call \d+ with .* ended \(No error\)/);
  }

  /** Waits until the other side's end of the call is known here. */
  async waitEnded(calls: number): Promise<void> {
    await waitFor(
      `that ${this.setup.name} knows of the end of ${calls} calls`,
      async () => {
        const ended = [...(await this.said()).matchAll(/Call \d+ with .* ended/g)].length;
        return ended >= calls ? true : undefined;
      },
      bounds.callMs,
    );
  }

  write(name: string, text: string): void {
    this.#process.type(`chat ${this.#addressOf(name)} ${text}`);
  }

  /** Waits until such a message has come. */
  async waitMessage(from: string, text: string): Promise<void> {
    const words = `Message received from ${this.#addressOf(from)}: ${text}`;
    await waitFor(
      `"${words}" at ${this.setup.name}`,
      async () => ((await this.said()).includes(words) ? true : undefined),
      bounds.messageMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  #addressOf(name: string): string {
    return `sip:${name}@${this.setup.domain}`;
  }

  async #log(): Promise<string> {
    return await readFile(join(this.setup.folder, log), 'utf8');
  }

  async #mark(): Promise<number> {
    return (await this.said()).length;
  }

  async #waitSaid(from: number, words: RegExp): Promise<string> {
    return await waitFor(
      `that ${this.setup.name} says ${words}`,
      async () => words.exec((await this.said()).slice(from))?.[0],
      bounds.callMs,
    );
  }

  async #waitSignedIn(): Promise<void> {
    await waitFor(
      `that ${this.setup.name} signs in at ${this.setup.server}`,
      async () => {
        const from = await this.#mark();
        this.#process.type('status register');
        const status = await this.#waitSaid(from, /registered[=,].*/);
        return status.startsWith('registered,') ? true : undefined;
      },
      bounds.signInMs,
    );
  }
}

const log = 'debug.log';

/** The last final answer in its log that was neither a success nor a question for a password. */
function lastRefusal(logged: string): number {
  const statuses = [...logged.matchAll(/SIP\/2\.0 ([3-6]\d\d)/g)].map((found) => Number(found[1]));
  return statuses.filter((status) => status !== 401 && status !== 407).at(-1) ?? 0;
}

/** Longer than any test. */
const registrationSeconds = 3_600;

function configOf(setup: LinphoneSetup, port: number): string {
  const { name, password, domain, server, certificate } = setup;
  const proxy = `sip:${server};transport=tls`;
  return `${[
    '[sip]',
    'default_proxy=0',
    'sip_port=-1', // Neither UDP nor TCP is listened to.
    'sip_tcp_port=-1',
    `sip_tls_port=${port}`,
    `root_ca=${certificate}`,
    'verify_server_certs=1',
    'verify_server_cn=1',
    'media_encryption=none',
    '[proxy_0]',
    `reg_proxy=<${proxy}>`,
    `reg_route=<${proxy};lr>`,
    `reg_identity=sip:${name}@${domain}`,
    `reg_expires=${registrationSeconds}`,
    'reg_sendregister=1',
    'publish=0',
    '[auth_info_0]',
    `username=${name}`,
    `passwd=${password}`,
    `realm=${domain}`,
    'algorithm=SHA-256',
    '[rtp]',
    'audio_rtp_port=-1', // Any that is free.
  ].join('\n')}\n`;
}
