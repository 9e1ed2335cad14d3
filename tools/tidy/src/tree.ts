import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-parser';

/** A text file of the repository. */
export type TextFile = {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

/** Everything that the rules look at; tests make one of literals. */
export type Tree = readonly TextFile[];

const textFile = /\.(ts|js|sql|json|md|yaml|yml|sh|html|css|csv|txt|mermaid)$|\.ci\/run$/;
/** Folders of programs, and the two at the root where a deployment keeps its data. */
const notOurs = /(^|\/)(node_modules|build|\.git)$|^(data|understudy-data)$/;
/** Written by programs, or tables of facts that are compared as they are. */
const exempt = /\.golden\.|\.generated\.|\/generated\/|package-lock\.json$/;

/** Reads every text file of the repository that people write. */
export function readTree(root: string): Tree {
  return listPaths(root, '').map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

function listPaths(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return notOurs.test(path) ? [] : listPaths(root, path);
    return entry.isFile() && textFile.test(path) && !exempt.test(path) ? [path] : [];
  });
}

/** TypeScript written by us, below a workspace. */
export function isCode(file: TextFile): boolean {
  return /^(packages|apps|tools|bench)\/.*\.ts$/.test(file.path);
}

/** Whether the path is that of a test. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

const parsed = new WeakMap<TextFile, ts.SourceFile>();

/** The syntax tree of a file, parsed once. */
export function parse(file: TextFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true);
  parsed.set(file, source);
  return source;
}

/** Every node of a file, parents before children. */
export function* walk(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* walk(child);
}

/** The line of a node, from 1. */
export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
