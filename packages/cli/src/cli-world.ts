import type { Readable } from 'node:stream';
import type { OperatorClient } from '@understudy/api';

/** What the commands touch of the world, so that a test can hand in another. */
export type CliWorld = {
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  readonly stdin: { readonly isTerminal: boolean; readonly stream: Readable };
  readonly deployment: DeploymentStarter;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  sleep(ms: number): Promise<void>;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks a person; only where stdin is a terminal. A secret is not shown while typed. */
  ask(question: string, kind: 'text' | 'secret'): Promise<string>;
  connect(options: ConnectOptions): Promise<OperatorClient>;
};

export type TextOut = {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Who read it has gone: a closed pipe or terminal. */
  readonly isGone: boolean;
};

export type ConnectOptions = {
  readonly data: string;
  readonly server?: string;
  readonly tokenFile?: string;
};

/** What only the app can do, for it knows the other processes. Each resolves with an exit code. */
export type DeploymentStarter = {
  up(options: UpOptions): Promise<number>;
  down(options: DownOptions): Promise<number>;
  drill(words: readonly string[]): Promise<number>;
};

/** With `isJson` every line that is said is a JSON object on a line: `{"said":"…"}`. */
export type DownOptions = {
  readonly data: string;
  readonly server?: string;
  readonly isJson?: boolean;
};

export type UpOptions = {
  readonly data: string;
  readonly file?: string;
  readonly server?: string;
  readonly isInit: boolean;
  /** As for `down`. */
  readonly isJson?: boolean;
};
