import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CountLine } from './count-reporter.ts';

/** No single test may take longer; a test that hangs must not hang the run. */
const testTimeoutMs = 300_000;
/** Files side by side: PostgreSQL suites bring servers of their own, so few go a long way. */
const concurrencyMax = 4;

/** What to run: built files relative to `root`, in an environment of its own. */
export type NodeTestRun = {
  readonly root: string;
  readonly files: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Words before Node's own: where it is to run. */
  readonly within?: readonly string[];
  /** Longest that a file may take, in milliseconds; without it what is usual. */
  readonly timeoutMs?: number;
  /** Keep Node's report to ourselves. */
  readonly isQuiet?: boolean;
};

/** Runs the files under `node --test`; Node's own report and summary go to standard output. */
export async function runNodeTests(
  run: NodeTestRun,
): Promise<{ readonly hasPassed: boolean; readonly lines: readonly CountLine[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
  const countsFile = join(folder, 'counts.jsonl');
  try {
    const exitCode = await spawnNode(run, countsFile);
    return { hasPassed: exitCode === 0, lines: readLines(countsFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function spawnNode(run: NodeTestRun, countsFile: string): Promise<number | null> {
  const node = [process.execPath, ...nodeOptions(run, countsFile), ...run.files];
  const [program = '', ...words] = [...(run.within ?? []), ...node];
  const child = spawn(program, words, {
    cwd: run.root,
    env: run.environment,
    stdio: run.isQuiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

function nodeOptions({ timeoutMs = testTimeoutMs }: NodeTestRun, countsFile: string): string[] {
  return [
    '--test',
    '--enable-source-maps',
    `--test-timeout=${timeoutMs}`,
    `--test-concurrency=${Math.min(availableParallelism() + 1, concurrencyMax)}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${new URL('./count-reporter.js', import.meta.url).href}`,
    `--test-reporter-destination=${countsFile}`,
  ];
}

function readLines(countsFile: string): CountLine[] {
  return readFileSync(countsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CountLine);
}
