import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bounds } from '../bounds.ts';
import { ForeignProcess } from '../foreign-process.ts';

export const sipp = '/usr/bin/sipp';

export type SippUser = {
  readonly name: string;
  readonly password: string;
  /** Whom it calls or writes to. */
  readonly peer?: string;
};

export type SippSetup = {
  readonly folder: string;
  readonly scenario: string;
  /** As HOST:PORT. */
  readonly server: string;
  readonly port: number;
  readonly users: readonly SippUser[];
  readonly perSecond?: number;
  /** What the digest is about, without `sip:`. */
  readonly about?: string;
};

/** SIPp playing one scenario, once a user. */
export class SippRun implements AsyncDisposable {
  readonly #process: ForeignProcess;

  static async start(setup: SippSetup): Promise<SippRun> {
    const { folder, scenario, users } = setup;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'scenario.xml'), scenario);
    await writeFile(join(folder, 'users.csv'), csvOf(users), { mode: 0o600 });
    const start = { program: sipp, words: wordsOf(setup), folder, log: 'sipp.log' };
    return new SippRun(await ForeignProcess.start(start));
  }

  private constructor(process: ForeignProcess) {
    this.#process = process;
  }

  /** Waits for its end; fails unless every dialogue went as the scenario says. */
  async wellEnded(): Promise<void> {
    const code = await this.#process.ended(bounds.sippMs);
    if (code === 0) return;
    assert.fail(`SIPp ended with ${code}:\n${(await this.#process.said()).slice(-logTail)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

const logTail = 6_000;

/** Plays a scenario to its good end. */
export async function playSipp(setup: SippSetup): Promise<void> {
  await using run = await SippRun.start(setup);
  await run.wellEnded();
}

function wordsOf({ server, port, users, perSecond = 10, about }: SippSetup): readonly string[] {
  // biome-ignore format: an option and its value belong on one line.
  return [
    server,
    '-sf', 'scenario.xml', '-inf', 'users.csv', '-i', '127.0.0.1', '-p', `${port}`,
    '-m', `${users.length}`, '-r', `${perSecond}`, '-nostdin', '-trace_err',
    '-timeout', `${bounds.sippMs / 1_000}s`, '-timeout_error',
    ...(about === undefined ? [] : ['-auth_uri', about]),
  ];
}

function csvOf(users: readonly SippUser[]): string {
  const lines = users.map(
    ({ name, password, peer = name }) =>
      `${name};[authentication username=${name} password=${password}];${peer};`,
  );
  return `${['SEQUENTIAL', ...lines].join('\n')}\n`;
}
