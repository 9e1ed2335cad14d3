import { ChildProcess, spawn } from 'node:child_process';
import type { CommandOutcome } from '@understudy/core';
import type { CommandOrder, CommandRunner } from '../command-runner.ts';

/** What the command's own environment is taken over from, and nothing else: it may hold secrets. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR'] as const;
/** Output may arrive after the end; a child of the command that keeps it open is not waited for. */
const drainMs = 200;
/** What waits inside the system does not end at once, even when it is killed (signal(7)). */
const killedMs = 1_000;

type Surroundings = Readonly<Record<string, string | undefined>>;

/** Commands as processes of this machine, each with a process group of its own. */
export function createSystemCommands(surroundings: Surroundings): CommandRunner {
  return { run: (order) => run(order, surroundings) };
}

function run(order: CommandOrder, surroundings: Surroundings): Promise<CommandOutcome> {
  const { command, timeoutMs } = order;
  const [program = '', ...words] = command;
  const began = performance.now();
  const tookMs = (): number => Math.round(performance.now() - began);
  return new Promise((resolve) => {
    const child = start(program, words, environmentOf(order, surroundings));
    if (!(child instanceof ChildProcess)) return resolve(child);
    const output = keepHead(child, order.outputBytesMax);
    let isTimedOut = false;
    let given: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      isTimedOut = true;
      killGroup(child);
      const late = () => end({ kind: 'timedOut', output: output(), tookMs: tookMs() });
      given = setTimeout(late, killedMs);
    }, timeoutMs);
    const end = (outcome: CommandOutcome): void => {
      clearTimeout(timer);
      clearTimeout(given);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(outcome);
    };
    child.once('error', ({ message }) => end({ kind: 'notStarted', why: message }));
    child.once('exit', (exitStatus, signal) => {
      clearTimeout(timer); // What ended in time has, however long its output takes.
      const ended = (): void => {
        const told = { output: output(), tookMs: tookMs() };
        if (isTimedOut) end({ kind: 'timedOut', ...told });
        else if (exitStatus !== null) end({ kind: 'ended', exitStatus, ...told });
        else end({ kind: 'ended', signal: `${signal}`, ...told });
      };
      const drained = setTimeout(ended, drainMs);
      child.once('close', () => {
        clearTimeout(drained);
        ended();
      });
    });
  });
}

function start(program: string, words: readonly string[], env: Record<string, string>) {
  try {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    // A group of its own, so that at the timeout its children end with it.
    return spawn(program, words, { cwd: '/', env, stdio, detached: true });
  } catch (error) {
    // Node throws what it can tell without the system: an empty name, a NUL.
    return { kind: 'notStarted', why: error instanceof Error ? error.message : 'unknown' } as const;
  }
}

function environmentOf({ environment }: CommandOrder, surroundings: Surroundings) {
  const kept = inherited.flatMap((name) => {
    const value = surroundings[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...environment };
}

/** Reads all of it, so that the command never waits for us, and keeps the beginning. */
function keepHead(child: ChildProcess, bytesMax: number): () => string {
  const kept: Buffer[] = [];
  let bytes = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece: Buffer) => {
      const head = piece.subarray(0, bytesMax - bytes);
      bytes += head.length;
      if (head.length > 0) kept.push(head);
    });
  }
  return () => Buffer.concat(kept).toString('utf8');
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
