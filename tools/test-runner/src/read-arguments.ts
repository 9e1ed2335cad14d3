import { parseArgs } from 'node:util';
import type { Suite } from './choose-tests.ts';

/** What was asked for on the command line. */
export type Arguments = {
  readonly suite: Suite;
  /** Write the counts of this run as the new floors instead of judging by the old ones. */
  readonly isRecording: boolean;
  /** Parts of paths; only tests whose path holds one of them run. Empty means all. */
  readonly paths: readonly string[];
};

const suites: readonly Suite[] = [
  'default',
  'withoutPostgres',
  'pg15',
  'etcd',
  'interop',
  'kill',
  'drill',
  'partition',
  'weather',
  'clocks',
];

/** @throws when an option is unknown or the suite has no such name. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      suite: { type: 'string', default: 'default' },
      'only-without-postgres': { type: 'boolean', default: false },
      'record-floors': { type: 'boolean', default: false },
    },
  });
  const asked = values['only-without-postgres'] ? 'withoutPostgres' : values.suite;
  const suite = suites.find((name) => name === asked);
  if (!suite) throw new Error(`--suite=${asked}: there is none; use one of ${suites.join(', ')}`);
  return { suite, isRecording: values['record-floors'], paths: positionals };
}
