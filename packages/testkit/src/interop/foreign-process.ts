import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inheritedEnvironment } from '../e2e/kill/env.ts';
import { bounds } from './bounds.ts';

const packages = 'sip-tester baresip-core linphone-cli openssl dnsmasq-base';
const install = `apt-get install --no-install-recommends ${packages}`;

/** Fails with what to do where a program of this suite is not installed. */
export async function requireProgram(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(() => {
    throw new Error(`this suite talks to real phones, and ${path} is missing: ${install}`);
  });
}

const running = new Set<ChildProcess>();
// The runner ends a file that takes too long; a phone would ring on for ever.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export type ForeignStart = {
  readonly program: string;
  readonly words: readonly string[];
  /** Its home and working directory. */
  readonly folder: string;
  /** What it says goes to this file of the folder. */
  readonly log: string;
};

/** A program that is not ours, in a folder of its own. Disposing kills it. */
export class ForeignProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(child: ChildProcess, logFile: string) {
    this.#child = child;
    this.#logFile = logFile;
  }

  static async start({ program, words, folder, log }: ForeignStart): Promise<ForeignProcess> {
    await requireProgram(program);
    const logFile = join(folder, log);
    const handle = await open(logFile, 'a');
    try {
      const child = spawn(program, words, {
        cwd: folder,
        stdio: ['pipe', handle.fd, handle.fd],
        env: { ...inheritedEnvironment(), HOME: folder, TERM: 'dumb' },
      });
      running.add(child);
      child.once('exit', () => running.delete(child));
      // One that has ended reads nothing more; who waits for it finds that out by its bound.
      child.stdin?.on('error', () => undefined);
      await once(child, 'spawn');
      return new ForeignProcess(child, logFile);
    } finally {
      await handle.close();
    }
  }

  /** Types a line, as at its terminal. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async said(): Promise<string> {
    return await readFile(this.#logFile, 'utf8');
  }

  /** The exit code; null when a signal ended it, ours too when it took too long. */
  async ended(withinMs: number): Promise<number | null> {
    if (this.isRunning) {
      const signal = AbortSignal.timeout(withinMs);
      await once(this.#child, 'exit', { signal }).catch(() => this.#child.kill('SIGKILL'));
    }
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(bounds.stopMs) });
    this.#child.kill('SIGKILL');
    await ended;
  }
}
