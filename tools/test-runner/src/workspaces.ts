import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const parents = ['packages', 'apps', 'tools'];

/** Folders of the repository that hold sources, such as `packages/core`, in a fixed order. */
export function listWorkspaces(root: string): string[] {
  return parents
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'src')))
    .sort();
}

/** Every file below `folder`, relative to it, with forward slashes; empty when there is none. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
