import { posix } from 'node:path';
import ts from 'typescript-parser';
import type { Finding } from '../finding.ts';
import { isCode, isTest, lineOf, parse, type TextFile, type Tree, walk } from '../tree.ts';

/** Above these tidy refuses. */
export const sizeLimits = {
  functionLinesMax: 70,
  fileLinesMax: 500,
  testFileLinesMax: 800,
  lineColumnsMax: 100,
  parametersMax: 4,
} as const;

/** Above these tidy asks whether it has to be. */
export const sizeHints = { functionLinesMax: 40, fileLinesMax: 300, folderFilesMax: 15 } as const;

type FunctionNode = ts.FunctionLikeDeclaration & { readonly body: ts.Node };

/** Sizes that are refused: functions, files, lines, parameters. */
export function checkSize(tree: Tree): Finding[] {
  return tree.flatMap((file) => [
    ...(isCode(file) || file.path.endsWith('.sql') ? checkLines(file) : []),
    ...(isCode(file) ? [...checkFile(file), ...checkFunctions(file)] : []),
  ]);
}

function checkLines(file: TextFile): Finding[] {
  const tables = isCode(file) ? tablesOf(file) : [];
  return file.text.split('\n').flatMap((text, index) => {
    const line = index + 1;
    // An address cannot be broken.
    if (text.length <= sizeLimits.lineColumnsMax || /https?:\/\//.test(text)) return [];
    if (tables.some(({ first, last }) => line >= first && line <= last)) return [];
    const say = `${text.length} columns, at most ${sizeLimits.lineColumnsMax}; break it`;
    return [{ path: file.path, line, rule: 'line size', say }];
  });
}

/** A literal marked `biome-ignore format` is a table: a row a line, however long. */
function tablesOf(file: TextFile): { readonly first: number; readonly last: number }[] {
  return parse(file)
    .statements.filter((node) => ts.isVariableStatement(node))
    .filter((node) => /biome-ignore format: \S/.test(node.getFullText().slice(0, headSize(node))))
    .map((node) => ({ first: lineOf(node), last: lineOf(node) + linesOf(node) - 1 }));
}

function headSize(node: ts.Node): number {
  return node.getStart() - node.getFullStart();
}

function checkFile(file: TextFile): Finding[] {
  const most = isTest(file.path) ? sizeLimits.testFileLinesMax : sizeLimits.fileLinesMax;
  const lines = lineCount(file);
  if (lines <= most) return [];
  const say = `${lines} lines, at most ${most}; it holds two things, give each a file`;
  return [{ path: file.path, line: 1, rule: 'file size', say }];
}

function checkFunctions(file: TextFile): Finding[] {
  return functionsOf(file).flatMap((node) => {
    const lines = linesOf(node);
    const at = { path: file.path, line: lineOf(node) };
    const findings: Finding[] = [];
    if (lines > sizeLimits.functionLinesMax) {
      const say = `${lines} lines, at most ${sizeLimits.functionLinesMax}; name its parts`;
      findings.push({ ...at, rule: 'function size', say });
    }
    if (node.parameters.length > sizeLimits.parametersMax) {
      const say = `${node.parameters.length} parameters; take one object with named parts`;
      findings.push({ ...at, rule: 'parameters', say });
    }
    return findings;
  });
}

/** Sizes to think about; they refuse nothing. */
export function hintSize(tree: Tree): Finding[] {
  const files = tree.filter(isCode);
  return [
    ...files.flatMap(hintFile),
    ...files.flatMap((file) => functionsOf(file).flatMap((node) => hintFunction(file, node))),
    ...hintFolders(files),
  ];
}

function hintFile(file: TextFile): Finding[] {
  const lines = lineCount(file);
  if (lines <= sizeHints.fileLinesMax) return [];
  return [{ path: file.path, line: 1, rule: 'file size', say: `${lines} lines` }];
}

function hintFunction(file: TextFile, node: FunctionNode): Finding[] {
  const lines = linesOf(node);
  if (lines <= sizeHints.functionLinesMax) return [];
  return [{ path: file.path, line: lineOf(node), rule: 'function size', say: `${lines} lines` }];
}

function hintFolders(files: readonly TextFile[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { path } of files.filter((file) => !isTest(file.path))) {
    counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > sizeHints.folderFilesMax)
    .map(([path, count]) => ({ path, line: 1, rule: 'folder size', say: `${count} files` }));
}

function functionsOf(file: TextFile): FunctionNode[] {
  return [...walk(parse(file))].filter(isWithBody).filter((node) => !isGroupOfTests(node));
}

function isWithBody(node: ts.Node): node is FunctionNode {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The callback of `describe` groups tests, it is not a thing to read in one go. */
function isGroupOfTests(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node.parent) &&
    ts.isIdentifier(node.parent.expression) &&
    ['describe', 'suite'].includes(node.parent.expression.text)
  );
}

function linesOf(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(node);
}

function lineCount(file: TextFile): number {
  return file.text.replace(/\n$/, '').split('\n').length;
}
