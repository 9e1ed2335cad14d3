import { Readable } from 'node:stream';
import { createOperatorClient } from '@understudy/api';
import type { CliWorld } from '../cli-world.ts';
import { nowMs } from './fake-deployment.ts';

export type FakeWorld = CliWorld & { readonly written: string[] };

export type FakeWorldOptions = {
  readonly url: string;
  /** What stands on standard input. */
  readonly input?: string;
  /** In a terminal: what a person answers, in order. */
  readonly answers?: readonly string[];
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Who reads standard output has gone. */
  readonly isGone?: () => boolean;
  readonly columns?: number;
};

/** A world whose output is kept, with `! ` before each line on standard error. */
export function aWorld({
  url,
  input = '',
  answers,
  signal = new AbortController().signal,
  isGone = () => false,
  columns = 100,
}: FakeWorldOptions): FakeWorld {
  const written: string[] = [];
  const left = [...(answers ?? [])];
  const isTerminal = answers !== undefined;
  const out = (mark: string) => ({
    isTerminal,
    columns,
    rows: 40,
    get isGone() {
      return isGone();
    },
    write: (text: string) => {
      written.push(mark === '' ? text : text.replace(/^(?=.)/gm, mark));
    },
  });
  const started = (what: string) => async (given: unknown) => {
    written.push(`(${what} ${JSON.stringify(given)})\n`);
    return 0;
  };
  return {
    written,
    stdout: out(''),
    stderr: out('! '),
    stdin: { isTerminal, stream: Readable.from([input]) },
    deployment: { up: started('up'), down: started('down'), drill: started('drill') },
    nowMs: () => nowMs,
    sleep: async () => {},
    signal,
    ask: async (question) => {
      const answer = left.shift() ?? '';
      written.push(`${question}${answer}\n`);
      return answer;
    },
    connect: async () => createOperatorClient({ url, token: 'a-token', signal }),
  };
}
