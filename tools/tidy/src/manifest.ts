import { posix } from 'node:path';
import ts from 'typescript-parser';
import type { TextFile, Tree } from './tree.ts';

/** What a package.json and the tsconfig beside it say about a workspace. */
export type Manifest = {
  /** Relative to the repository; the root's is empty. */
  readonly folder: string;
  readonly name: string;
  /** Names in every kind of dependencies. */
  readonly dependencies: ReadonlySet<string>;
  /** The files that `exports` names, such as `./build/index.js`. */
  readonly entries: readonly string[];
  /** Folders of the workspaces that tsconfig.json refers to. */
  readonly references: ReadonlySet<string>;
};

type PackageJson = {
  name?: string;
  exports?: Record<string, { default?: string }>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** Every workspace of the tree, and the root. */
export function manifestsOf(tree: Tree): Manifest[] {
  return tree
    .filter(({ path }) => posix.basename(path) === 'package.json')
    .map((file) => manifestOf(file, tree));
}

function manifestOf(file: TextFile, tree: Tree): Manifest {
  const folder = posix.dirname(file.path) === '.' ? '' : posix.dirname(file.path);
  const json = JSON.parse(file.text) as PackageJson;
  return {
    folder,
    name: json.name ?? '',
    dependencies: new Set(
      [json.dependencies, json.devDependencies, json.optionalDependencies].flatMap((names) =>
        Object.keys(names ?? {}),
      ),
    ),
    entries: Object.values(json.exports ?? {}).map((entry) => entry.default ?? ''),
    references: new Set(referencesOf(folder, tree)),
  };
}

function referencesOf(folder: string, tree: Tree): string[] {
  const path = posix.join(folder, 'tsconfig.json');
  const file = tree.find((candidate) => candidate.path === path);
  if (!file) return [];
  // tsconfig files may hold comments, so JSON.parse will not do.
  const { config } = ts.parseConfigFileTextToJson(path, file.text) as {
    config?: { references?: { path: string }[] };
  };
  return (config?.references ?? []).map((reference) => posix.join(folder, reference.path));
}
