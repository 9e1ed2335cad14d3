import ts from 'typescript-parser';
import type { Finding } from '../finding.ts';
import { workspaceOf } from '../floors.ts';
import { manifestsOf } from '../manifest.ts';
import { isCode, lineOf, parse, type TextFile, type Tree } from '../tree.ts';

/** Only the files that a package's `exports` name, each an index.ts, may pass exports on. */
export function checkBarrels(tree: Tree): Finding[] {
  const entries = new Set(
    manifestsOf(tree).flatMap(({ folder, entries }) =>
      entries.map((entry) => `${folder}/${entry.slice(2).replace(/^build/, 'src')}`.slice(0, -3)),
    ),
  );
  return tree.filter(isCode).flatMap((file) => {
    const isIndex = file.path.endsWith('/index.ts');
    const isEntry = entries.has(file.path.slice(0, -3)) || isAppEntry(file.path);
    if (isIndex && isEntry) return [];
    if (isIndex) return [finding(file, 1, 'index.ts is for entries in package.json; rename it')];
    return reexportsOf(file).map((node) =>
      finding(file, lineOf(node), 'only index.ts passes exports on; import from where it is made'),
    );
  });
}

function isAppEntry(path: string): boolean {
  return path.startsWith('apps/') && path === `${workspaceOf(path)}/src/index.ts`;
}

function reexportsOf(file: TextFile): ts.Node[] {
  return parse(file).statements.filter(
    (node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined,
  );
}

function finding(file: TextFile, line: number, say: string): Finding {
  return { path: file.path, line, rule: 'no barrels', say };
}
