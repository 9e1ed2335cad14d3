import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../../e2e/sites/wait-for.ts';
import { bounds } from '../bounds.ts';
import { ForeignProcess } from '../foreign-process.ts';
import { findPhonePort } from '../free-port.ts';
import { type BaresipSetup, writeBaresipFiles } from './baresip-files.ts';
import { ControlLine } from './control-line.ts';
import { readVoice, secondsOf, shareOfTone, since, type Voice } from './tone.ts';

export const baresip = '/usr/bin/baresip';

export type PhoneSetup = Omit<BaresipSetup, 'sipPort' | 'controlPort'>;

/** A real phone: it signs in when it starts, answers when it rings, and says one tone. */
export class BaresipPhone implements AsyncDisposable {
  readonly setup: PhoneSetup;
  readonly #process: ForeignProcess;
  readonly #line: ControlLine;

  /** Resolves when it has signed in. */
  static async start(setup: PhoneSetup): Promise<BaresipPhone> {
    for (let starts = 1; ; starts++) {
      try {
        return await startOnce(setup);
      } catch (error) {
        if (!(error instanceof PortTakenError) || starts >= bounds.startsMax) throw error;
      }
    }
  }

  constructor(setup: PhoneSetup, process: ForeignProcess, line: ControlLine) {
    this.setup = setup;
    this.#process = process;
    this.#line = line;
  }

  async said(): Promise<string> {
    return await this.#process.said();
  }

  /** How often a registrar has answered it 200 since it was started. */
  async signIns(): Promise<number> {
    return [...(await this.said()).matchAll(/\} 200 OK \(.*\) \[\d+ binding/g)].length;
  }

  /** Waits until a server of HOST:PORT answers its next REGISTER 200. */
  async waitSignedInAt(place: string): Promise<void> {
    const from = (await this.said()).length;
    const answer = '-> \\S+\\nSIP/2\\.0 200 OK[^]*?CSeq: \\d+ (\\w+)';
    const ok = new RegExp(`${place.replaceAll('.', '\\.')} ${answer}`, 'g');
    await waitFor(
      `that ${this.setup.name} signs in at ${place}`,
      async () => {
        const said = (await this.said()).slice(from);
        if ([...said.matchAll(ok)].some(([, method]) => method === 'REGISTER')) return true;
        throw new Error(said.slice(-logTail));
      },
      bounds.comeOverMs,
    );
  }

  /** Calls, and waits until the call stands. */
  async call(name: string): Promise<void> {
    const before = this.#line.told.length;
    await this.forgetVoice();
    await this.#line.command('dial', `sip:${name}@${this.setup.domain}`);
    const last = await waitFor(
      `that ${this.setup.name} talks to ${name}`,
      () => this.#line.told.slice(before).find(({ type = '' }) => callEnds.has(type)),
      bounds.callMs,
    );
    assert.equal(last.type, 'CALL_ESTABLISHED', `the call was closed: ${last.param}`);
  }

  /** Writes to its peer; whether it arrives is for the peer to say. */
  async write(text: string): Promise<void> {
    await this.#line.command('message', text);
  }

  /** Waits until such a message has come. */
  async waitMessage(text: string): Promise<void> {
    await waitFor(
      `that ${this.setup.name} reads "${text}"`,
      async () => {
        const said = await this.said();
        if (said.includes(`\n${text}\u001b`)) return true; // Its trace ends in a colour.
        throw new Error(said.slice(-logTail));
      },
      bounds.messageMs,
    );
  }

  async hangUp(): Promise<void> {
    await this.#line.command('hangup');
  }

  /** Calls that stand here. */
  async calls(): Promise<number> {
    const listed = await this.#line.command('listcalls');
    return Number(/Active calls \((\d+)\)/.exec(listed)?.[1] ?? 0);
  }

  async waitIdle(): Promise<void> {
    const isIdle = async () => ((await this.calls()) === 0 ? true : undefined);
    await waitFor(`that ${this.setup.name} knows the call is over`, isIdle, bounds.callMs);
  }

  async forgetVoice(): Promise<void> {
    for (const file of await this.#voiceFiles()) await rm(file, { force: true });
  }

  /** All that was heard in this call so far. */
  async heard(): Promise<Voice> {
    const [file] = (await this.#voiceFiles()).toReversed();
    return file === undefined ? { samples: new Int16Array(0) } : await readVoice(file);
  }

  /** Waits until so many more seconds were heard, and returns them. */
  async hears(seconds: number): Promise<Voice> {
    const from = secondsOf(await this.heard());
    return await waitFor(
      `that ${this.setup.name} hears ${seconds} s of voice`,
      async () => {
        const voice = since(await this.heard(), from);
        return secondsOf(voice) >= seconds ? voice : undefined;
      },
      bounds.voiceMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
    await this.#process[Symbol.asyncDispose]();
  }

  async #voiceFiles(): Promise<readonly string[]> {
    const { folder } = this.setup;
    const names = (await readdir(folder)).filter((name) => name.endsWith('-dec.wav'));
    return names.sort().map((name) => join(folder, name));
  }
}

/** One of them ends the waiting for a call. */
const callEnds = new Set(['CALL_ESTABLISHED', 'CALL_CLOSED']);

/** Of a tenth of a second each: jitter and the start of a call cost some. */
const shareMin = 0.9;

/** Fails unless the voice is the tone. */
export function assertTone(voice: Voice, hertz: number): void {
  const share = shareOfTone(voice, hertz);
  assert.ok(share >= shareMin, `${hertz} Hz in ${share} of ${secondsOf(voice)} s`);
}

class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

async function startOnce(setup: PhoneSetup): Promise<BaresipPhone> {
  const [sipPort, controlPort] = [await findPhonePort(), await findPhonePort()];
  await writeBaresipFiles({ ...setup, sipPort, controlPort });
  const log = `${Date.now()}.log`;
  const words = ['-s', '-v', '-f', setup.folder];
  const process = await ForeignProcess.start({
    program: baresip,
    words,
    folder: setup.folder,
    log,
  });
  try {
    const end = await waitFor(
      `that ${setup.name} signs in at ${setup.server}`,
      async () => {
        const said = await process.said();
        if (!process.isRunning) return 'ended';
        if (/\} 200 OK \(/.test(said)) return 'signed in';
        throw new Error(said.slice(-logTail));
      },
      bounds.signInMs,
    );
    if (end === 'ended') throw new PortTakenError((await process.said()).slice(-logTail));
    return new BaresipPhone(setup, process, await ControlLine.open(controlPort));
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

const logTail = 2_000;
