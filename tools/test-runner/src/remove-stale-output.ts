import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, listWorkspaces } from './workspaces.ts';

const outputEndings = /(\.d\.ts|\.js)(\.map)?$/;

/**
 * Deletes compiled files whose source is gone. The compiler leaves them where they are, and then a
 * deleted test goes on running and a deleted module goes on being imported.
 *
 * @returns the files deleted, relative to the repository.
 */
export function removeStaleOutput(root: string): string[] {
  const stale = listWorkspaces(root).flatMap((folder) =>
    listFiles(join(root, folder, 'build'))
      .filter((file) => outputEndings.test(file))
      .filter((file) => !hasSource(join(root, folder, 'src', file.replace(outputEndings, ''))))
      .map((file) => `${folder}/build/${file}`),
  );
  for (const file of stale) rmSync(join(root, file));
  return stale;
}

function hasSource(stem: string): boolean {
  return ['.ts', '.tsx', '.js', '.mts'].some((ending) => existsSync(stem + ending));
}
