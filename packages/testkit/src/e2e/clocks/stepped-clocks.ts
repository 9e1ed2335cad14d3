import { chmod, mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPrograms } from '@understudy/postgres';
import { runProgram } from '../network/run-program.ts';
import { makeTestFolder, removeTestFolder } from '../sites/test-folder.ts';

export type Site = 'east' | 'west';
/** The programs of a site whose clocks are set apart: agent and roles, and PostgreSQL. */
export type Program = 'node' | 'postgres';
/** Which clock: what people call time, or what stands still while a machine sleeps. */
export type MovedClock = 'wall' | 'monotonic';

/** The clocks of two sites' programs, moved at any moment; step-clocks.c says how. */
export type SteppedClocks = AsyncDisposable & {
  /** Words before a program of Node's at a site. */
  within(site: Site): readonly string[];
  /** A folder of PostgreSQL's programs, for the launcher. */
  programs(site: Site): string;
  /** From now on the clock is ahead by so much, counted from the machine's own. */
  set(at: { site: Site; program: Program; clock: MovedClock }, aheadMs: number): Promise<void>;
};

export type ClocksOptions = {
  /** Which PostgreSQL may not read the time since boot: their gates go by the wall clock. */
  readonly isBootTimeHidden?: boolean;
};

const sites: readonly Site[] = ['east', 'west'];
const programs: readonly Program[] = ['node', 'postgres'];
const clocks: readonly MovedClock[] = ['wall', 'monotonic'];
const source = fileURLToPath(new URL('../../../src/e2e/clocks/step-clocks.c', import.meta.url));
const needed =
  'clock tests compile a library that stands before the C library: they want `gcc` and its ' +
  'headers (apt install gcc libc6-dev)';

export async function openSteppedClocks(options: ClocksOptions = {}): Promise<SteppedClocks> {
  const folder = await makeTestFolder();
  try {
    const library = join(folder, 'step-clocks.so');
    await compile(library);
    for (const site of sites) await prepare(join(folder, site), library, options);
    return {
      within: (site) => ['env', ...wordsFor(join(folder, site), library)],
      programs: (site) => join(folder, site, 'bin'),
      set: async ({ site, program, clock }, aheadMs) => {
        const bytes = Buffer.alloc(offsetBytes);
        bytes.writeBigInt64LE(BigInt(aheadMs) * 1_000_000n);
        const file = await open(join(folder, site, program), 'r+');
        await file.write(bytes, 0, offsetBytes, clocks.indexOf(clock) * offsetBytes);
        await file.close();
      },
      [Symbol.asyncDispose]: () => removeTestFolder(folder),
    };
  } catch (error) {
    await removeTestFolder(folder);
    throw error;
  }
}

const offsetBytes = 8;

async function compile(library: string): Promise<void> {
  const words = ['gcc', '-Wall', '-Wextra', '-Werror', '-O2', '-shared', '-fPIC', '-o', library];
  await runProgram([...words, source, '-ldl']).catch((error: unknown) => {
    throw new Error(`${needed}: ${error instanceof Error ? error.message : String(error)}`);
  });
  await chmod(library, 0o755); // PostgreSQL may run as another user.
}

/** Clocks that go as the machine's, and a `postgres` that sees them. */
async function prepare(
  folder: string,
  library: string,
  { isBootTimeHidden = false }: ClocksOptions,
): Promise<void> {
  const bin = join(folder, 'bin');
  for (const each of [folder, bin]) {
    await mkdir(each);
    await chmod(each, 0o755);
  }
  for (const program of programs) {
    const file = join(folder, program);
    await writeFile(file, Buffer.alloc(clocks.length * offsetBytes));
    await chmod(file, 0o644);
  }
  const real = await findPrograms();
  await symlink(join(real, 'initdb'), join(bin, 'initdb'));
  const hiding = isBootTimeHidden ? ['UNDERSTUDY_TEST_NO_UPTIME=1'] : [];
  const words = ['exec', 'env', ...wordsFor(folder, library), ...hiding, join(real, 'postgres')];
  await writeFile(join(bin, 'postgres'), `#!/bin/sh\n${words.join(' ')} "$@"\n`);
  await chmod(join(bin, 'postgres'), 0o755);
}

function wordsFor(folder: string, library: string): readonly string[] {
  return [`LD_PRELOAD=${library}`, `UNDERSTUDY_TEST_CLOCKS=${folder}`];
}
