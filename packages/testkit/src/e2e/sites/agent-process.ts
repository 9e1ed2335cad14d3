import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { agentVariables, type ServerPaths } from '@understudy/api';
import { inheritedEnvironment } from '../kill/env.ts';
import { bounds } from './bounds.ts';

const agentProgram = new URL('../../../../../apps/agent/build/main.js', import.meta.url);
const preload = new URL('../kill/die-at-place.js', import.meta.url);

export type AgentStart = {
  readonly paths: ServerPaths;
  readonly dataDir: string;
  readonly server: string;
  /** Words before its command; what they name becomes the agent, without a process of its own. */
  readonly within?: () => readonly string[];
  /** Besides what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** The agent of one server as a process of this test's own; nobody but the test restarts it. */
export class AgentProcess {
  readonly #start: AgentStart;
  #child: ChildProcess | undefined;

  constructor(start: AgentStart) {
    this.#start = start;
  }

  /** Where its orders to die are written. */
  get deathFile(): string {
    return `${this.#start.paths.folder}/deaths.json`;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The signal that ended it; undefined while it runs, `none` when it ended by itself. */
  get endedBy(): NodeJS.Signals | 'none' | undefined {
    if (this.#child === undefined || this.isRunning) return undefined;
    return this.#child.signalCode ?? 'none';
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    const { paths, dataDir, server, within = () => [], environment } = this.#start;
    const log = await open(paths.agentLog, 'a', 0o600);
    try {
      const node = [process.execPath, '--import', preload.href, fileURLToPath(agentProgram)];
      const [program = '', ...words] = [...within(), ...node];
      this.#child = spawn(program, words, {
        stdio: ['ignore', log.fd, log.fd],
        env: {
          ...inheritedEnvironment(),
          ...environment,
          [agentVariables.data]: dataDir,
          [agentVariables.server]: server,
          UNDERSTUDY_TEST_DEATHS: this.deathFile,
        },
      });
      await once(this.#child, 'spawn');
    } finally {
      await log.close();
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(bounds.stopMs) });
    child.kill(signal);
    await ended;
  }
}
