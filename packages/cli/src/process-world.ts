import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliWorld, DeploymentStarter, TextOut } from './cli-world.ts';
import { connect } from './connect.ts';
import { NotAnsweredError } from './not-answered-error.ts';

const columnsByDefault = 80;
const rowsByDefault = 24;

/** The world of a process: its streams, its clock, its signals. */
export function processWorld(deployment: DeploymentStarter, signal: AbortSignal): CliWorld {
  return {
    stdout: textOut(process.stdout),
    stderr: textOut(process.stderr),
    stdin: { isTerminal: Boolean(process.stdin.isTTY), stream: process.stdin },
    deployment,
    nowMs: () => Date.now(),
    sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
    signal,
    ask,
    connect: (options) => connect(options, signal),
  };
}

function textOut(stream: NodeJS.WriteStream): TextOut {
  // Who read us may have gone (`status | head`, a closed terminal): what is left is not for them,
  // and `up` goes on.
  let isGone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    isGone = true;
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    get isTerminal() {
      return Boolean(stream.isTTY);
    },
    get columns() {
      return stream.isTTY ? stream.columns : columnsByDefault;
    },
    get rows() {
      return stream.isTTY ? stream.rows : rowsByDefault;
    },
    get isGone() {
      return isGone;
    },
  };
}

async function ask(question: string, kind: 'text' | 'secret'): Promise<string> {
  // Readline echoes what is typed to its output: for a secret that goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = kind === 'secret' ? nowhere : process.stderr;
  if (kind === 'secret') process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const stopped = new AbortController();
  // In raw mode Ctrl-C is a character: without these the question would wait for ever.
  for (const end of ['SIGINT', 'close'] as const) lines.once(end, () => stopped.abort());
  try {
    return await lines.question(kind === 'secret' ? '' : question, { signal: stopped.signal });
  } catch (error) {
    if (stopped.signal.aborted) throw new NotAnsweredError(question);
    throw error;
  } finally {
    lines.close();
    if (kind === 'secret') process.stderr.write('\n');
  }
}
