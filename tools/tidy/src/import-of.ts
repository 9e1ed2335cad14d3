import ts from 'typescript-parser';
import { lineOf, parse, type TextFile, walk } from './tree.ts';

/** One import, re-export or dynamic import of a file. */
export type Import = { readonly specifier: string; readonly line: number };

/** Every module that a file asks for, types included. */
export function importsOf(file: TextFile): Import[] {
  return [...walk(parse(file))].flatMap((node) => {
    const specifier = specifierOf(node);
    return specifier ? [{ specifier: specifier.text, line: lineOf(specifier) }] : [];
  });
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  const candidate = moduleExpressionOf(node);
  return candidate && ts.isStringLiteralLike(candidate) ? candidate : undefined;
}

function moduleExpressionOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return node.argument.literal;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return node.arguments[0];
  }
  return undefined;
}

/** The npm package of a specifier, without the path inside it: `@a/b/c` is `@a/b`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
