import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nearestName } from '@understudy/core';

export type Config = {
  readonly users: number;
  readonly writesPerSecond: number;
  readonly isJson: boolean;
  readonly isVerbose: boolean;
  readonly reportFile: string | undefined;
  readonly dataDir: string | undefined;
  readonly isKept: boolean;
  readonly cliPath: string;
};

/** The words were not as they must be; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const help = `Usage: understudy drill [options]

Brings a new deployment of two sites and a witness up in a temporary folder, lets users work, and
goes through a planned failover, a failback, the death of a site, limited mode, a forced failover,
the site's return, a second failback, sites that are cut from each other, and a backup that has
fallen behind; then a small deployment without a witness is cut in two. Users write over HTTP;
their phones sign in, write and call over SIP. Passes when every acknowledged write and message is
accounted for, there was one writer at every instant and everybody is served again. Leaves nothing
running.

Options:
  --users N           users, over both pools (default 200, at least 10)
  --writes PER_SECOND ordinary traffic over both pools (default 200), beside the 16 writers
  --json              one JSON document on standard output and nothing else
  --report FILE.html  also writes a report with a picture of every scenario
  --data DIR          the deployment's folder; must not exist yet. That of the one without a
                      witness is DIR-without-witness
  --keep              leaves the folder, stopped, to be looked into
  --verbose           the transcript of every run
  --help              this text

Exit codes: 0 every verdict is pass, 1 not every one, 2 wrong usage.`;

const cliPath = fileURLToPath(new URL('../../understudy/bin/understudy.js', import.meta.url));
const usersRange = { least: 10, most: 100_000 };
const writesRange = { least: 0, most: 100_000 };

/** Judges the words; undefined when only help was asked for. Throws UsageError. */
export function readConfig(words: readonly string[]): Config | undefined {
  const values = parse(words);
  if (values.help === true) return undefined;
  return Object.freeze({
    users: numberIn('--users', values.users, usersRange),
    writesPerSecond: numberIn('--writes', values.writes, writesRange),
    isJson: values.json,
    isVerbose: values.verbose,
    reportFile: values.report,
    dataDir: values.data,
    isKept: values.keep,
    cliPath,
  });
}

const options = {
  users: { type: 'string', default: '200' },
  writes: { type: 'string', default: '200' },
  json: { type: 'boolean', default: false },
  report: { type: 'string' },
  data: { type: 'string' },
  keep: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Node names the unknown option in quotes, and would have it after `--`; we know a nearer one. */
function withNearest(message: string): string {
  const [, unknown] = /^Unknown option '(--[\w-]+)'/.exec(message) ?? [];
  if (unknown === undefined) return message;
  const names = Object.keys(options).map((each) => `--${each}`);
  const nearest = nearestName(unknown, names);
  return `unknown option ${unknown}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new UsageError(withNearest((error as Error).message));
  }
}

function numberIn(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
}
