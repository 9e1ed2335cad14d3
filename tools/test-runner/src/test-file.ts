import { join } from 'node:path';
import { listFiles, listWorkspaces } from './workspaces.ts';

/** A test: where it is written and where its build lies, both relative to the repository. */
export type TestFile = { readonly source: string; readonly built: string };

/** Every test that is written, whether or not it has been built. */
export function listWrittenTests(root: string): TestFile[] {
  return listWorkspaces(root).flatMap((folder) =>
    listFiles(join(root, folder, 'src'))
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => ({
        source: `${folder}/src/${file}`,
        built: `${folder}/build/${file.replace(/\.ts$/, '.js')}`,
      })),
  );
}

/** Every test that is built, whether or not its source is still there. */
export function listBuiltTests(root: string): string[] {
  return listWorkspaces(root).flatMap((folder) =>
    listFiles(join(root, folder, 'build'))
      .filter((file) => file.endsWith('.test.js'))
      .map((file) => `${folder}/build/${file}`),
  );
}

/** The difference between what is written and what is built; empty when there is none. */
export function checkBuilt(written: readonly TestFile[], built: readonly string[]): string[] {
  const builtSet = new Set(built);
  const writtenSet = new Set(written.map((test) => test.built));
  return [
    ...written
      .filter((test) => !builtSet.has(test.built))
      .map(
        ({ source, built }) =>
          `${source} has no ${built}: run \`npx tsc -b --force\`; if that does not build it, ` +
          "its package's tsconfig leaves it out",
      ),
    ...built
      .filter((file) => !writtenSet.has(file))
      .map((file) => `${file} is built from a source that is gone: delete it`),
  ];
}
