import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SeedsTotal, WorldName } from './run-seeds.ts';

// Long runs go in slices that add up: each appends a line to a committed record, and the next one
// begins where the last one ended (decisions/0012).

const root = new URL('../../../../', import.meta.url);
const recordFile = new URL('bench/simulation/slices.csv', root);

/** What histories are made of: a change of any of it makes other histories of the same seeds. */
const simulated = [
  'packages/core/src',
  'packages/ports/src',
  'packages/agent/src',
  'packages/runbook-engine/src',
  'packages/runbooks/src',
  'packages/testkit/src/sim',
];

const hashLength = 12;
const columns = [
  'world',
  'from',
  'to',
  'code',
  'operations',
  'faults',
  'merged',
  'conflicts',
  'excused',
  'failed',
  'seconds',
] as const;

export type Slice = Omit<SeedsTotal, 'failures' | 'seen' | 'seeds'> & {
  readonly world: string;
  readonly from: number;
  readonly to: number;
  readonly code: string;
  readonly seconds: number;
};

/** The first seed of `world` that no slice has run. */
export function nextSeed(slices: readonly Slice[], world: WorldName): number {
  return 1 + Math.max(0, ...slices.filter((each) => each.world === world).map(({ to }) => to));
}

/** All slices so far, in the order in which they were run. */
export async function readSlices(): Promise<readonly Slice[]> {
  return parseSlices(await readFile(recordFile, 'utf8'));
}

export async function appendSlice(slice: Slice): Promise<void> {
  await appendFile(recordFile, `${lineOf(slice)}\n`);
}

export function lineOf(slice: Slice): string {
  return columns.map((column) => slice[column]).join(',');
}

/** Throws where the record is not what `appendSlice` writes. */
export function parseSlices(text: string): readonly Slice[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const path = fileURLToPath(recordFile);
  if (head !== columns.join(',')) {
    throw new Error(`${path}: its first line is not ${columns.join(',')}; take it from git`);
  }
  return lines.map((line, index) => {
    const cells = line.split(',');
    const slice = Object.fromEntries(
      columns.map((column, at) => {
        const isText = column === 'world' || column === 'code';
        return [column, isText ? cells[at] : Number(cells[at])];
      }),
    ) as Slice;
    if (cells.length === columns.length && lineOf(slice) === line) return slice;
    throw new Error(`${path}: line ${index + 2} is no slice; take it from git`);
  });
}

/** What all slices come to, in words. */
export function sumUp(slices: readonly Slice[], code: string): string {
  const sum = (of: (slice: Slice) => number, all = slices) =>
    all.reduce((total, slice) => total + of(slice), 0);
  const seeds = ({ from, to }: Slice) => to - from + 1;
  const own = slices.filter((each) => each.code === code);
  const hours = (sum(({ seconds }) => seconds) / 3_600).toFixed(1);
  return (
    `record: seeds ${sum(seeds)} in ${slices.length} slices, ${sum(seeds, own)} of this code; ` +
    `operations ${sum(({ operations }) => operations)} faults ${sum(({ faults }) => faults)} ` +
    `failed ${sum(({ failed }) => failed)} hours ${hours}`
  );
}

/** A hash of all that is simulated and of what simulates it, tests left out. */
export async function hashOfCode(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of simulated) {
    const names = await readdir(new URL(`${folder}/`, root), { recursive: true });
    const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    for (const name of sources.toSorted()) {
      hash.update(`${folder}/${name}\n`);
      hash.update(await readFile(new URL(`${folder}/${name}`, root)));
    }
  }
  return hash.digest('hex').slice(0, hashLength);
}
