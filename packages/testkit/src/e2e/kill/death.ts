import { readFileSync, renameSync, writeFileSync } from 'node:fs';

// What a test tells an agent about its end: a file with a list, of which the first is next. It is
// read and written synchronously, for between the place and the death nothing else may happen.

/**
 * - `entry`: before the step looks at the world or does anything.
 * - `middle`: after the first order or question of its work was answered, others may be under way;
 *   at the end of its work where there was none.
 * - `after`: its line stands in the journal; inside the fenced window, where nothing is written,
 *   its work is done.
 */
export const places = ['entry', 'middle', 'after'] as const;
export type Place = (typeof places)[number];

export type Death = {
  readonly runbook: string;
  readonly mode: string;
  readonly step: string;
  readonly place: Place;
};

export function writeDeaths(file: string, deaths: readonly Death[]): void {
  writeFileSync(`${file}.new`, JSON.stringify(deaths));
  renameSync(`${file}.new`, file);
}

/** Those that have not come true yet. */
export function readDeaths(file: string): readonly Death[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Death[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Takes this death off the list when it is the next one. */
export function takeDeath(file: string, death: Death): boolean {
  const [next, ...others] = readDeaths(file);
  if (next === undefined || wordsOfDeath(next) !== wordsOfDeath(death)) return false;
  writeDeaths(file, others);
  return true;
}

export function wordsOfDeath({ runbook, mode, step, place }: Death): string {
  return `${mode} ${runbook}, ${step}, ${place}`;
}
