import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';

/** A shared library's second name, both relative to the folder that holds `bin` and `lib`. */
export type LibraryLink = { readonly file: string; readonly link: string };

/** PostgreSQL's programs as found, before it is known whether they can run from there. */
export type FoundBinaries = {
  /** Holds `bin`, and for the platform package also `lib` and `share`. */
  readonly root: string;
  readonly binDir: string;
  /** Links the platform package needs; undefined for a system's PostgreSQL, which stays put. */
  readonly links: readonly LibraryLink[] | undefined;
};

/** Finds PostgreSQL in `binDir`, else in the platform package for this machine. */
export async function findBinaries(binDir?: string): Promise<FoundBinaries> {
  const folder = binDir ?? platformPackageBinDir();
  for (const program of ['initdb', 'postgres']) {
    await access(join(folder, program)).catch((error: unknown) => {
      throw new EmbeddedPostgresError(
        'binariesMissing',
        `PostgreSQL's program ${program} is not in ${folder}. ` +
          'Name a folder that holds initdb and postgres, or install the project again.',
        error,
      );
    });
  }
  const root = dirname(folder);
  return { root, binDir: folder, links: await readLinks(root) };
}

function platformPackageBinDir(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), 'native', 'bin');
  } catch (error) {
    throw new EmbeddedPostgresError(
      'binariesMissing',
      `The package ${name} with PostgreSQL's programs is not installed. Run npm ci with optional ` +
        'packages allowed, name the folder of an installed PostgreSQL (15 or later), or give the ' +
        "store's URL in the topology.",
      error,
    );
  }
}

/** The package cannot hold links, so it lists them, as paths that begin with `native/`. */
async function readLinks(root: string): Promise<readonly LibraryLink[] | undefined> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const listed = JSON.parse(text) as readonly { source: string; target: string }[];
  return listed
    .map(({ source, target }) => ({ file: withoutNative(source), link: withoutNative(target) }))
    .filter(({ file, link }) => !file.includes('..') && !link.includes('..'));
}

function withoutNative(path: string): string {
  return path.replace(/^native\//, '');
}
