import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bounds } from '../bounds.ts';

/** `understudy up --server NAME` of one server, in a process of its own. */
export type UpProcess = {
  readonly pid: number;
  isRunning(): boolean;
  /** Asks it to stop what it keeps, and waits for its end. */
  stop(): Promise<void>;
};

export type UpOptions = {
  /** The command line's own script. */
  readonly cliPath: string;
  readonly dataDir: string;
  readonly server: string;
  readonly isInit: boolean;
  readonly logFile: string;
};

export async function startUp(options: UpOptions): Promise<UpProcess> {
  const { cliPath, dataDir, server, isInit, logFile } = options;
  const words = ['up', '--data', dataDir, '--server', server, ...(isInit ? ['--init'] : [])];
  const log = await open(logFile, 'a', 0o600);
  try {
    const up = spawn(process.execPath, [cliPath, ...words], {
      stdio: ['ignore', log.fd, log.fd],
      detached: true, // A terminal's Ctrl-C is ours to pass on, in order.
    });
    await once(up, 'spawn');
    return handle(up);
  } finally {
    await log.close();
  }
}

function handle(up: ChildProcess): UpProcess {
  const isRunning = () => up.exitCode === null && up.signalCode === null;
  return {
    pid: up.pid ?? 0,
    isRunning,
    stop: async () => {
      if (!isRunning()) return;
      const ended = once(up, 'exit');
      up.kill('SIGTERM');
      await Promise.race([ended, sleep(bounds.stopMs, undefined, { ref: false })]);
      if (isRunning()) up.kill('SIGKILL');
    },
  };
}
