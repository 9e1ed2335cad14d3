// The simulation replays a deployment from a seed. It can, because time and chance come in through
// the ports in everything that decides or acts, and as arguments in core.

import ts from 'typescript-parser';
import { allowances } from './allowances.ts';
import type { Finding } from '../finding.ts';
import { importsOf } from '../import-of.ts';
import { isCode, isTest, lineOf, parse, type TextFile, type Tree, walk } from '../tree.ts';

const deterministic = /^packages\/(agent|runbook-engine|runbooks)\//;
const timers = /^(setTimeout|setInterval|setImmediate|performance)$/;
const members = /^(Date\.now|Math\.random|process\.hrtime|process\.uptime|os\.uptime)$/;
const globals = /^(globalThis|global|window)\./;
const modules = /^(node:)?(timers|timers\/promises|perf_hooks)$/;
/** Hashes are the same every time; these are not. */
const randomOfCrypto = /^(random|generateKey|getRandomValues|webcrypto)/;

/** Bans the machine's clock and chance where a decision or an order could depend on them. */
export function checkClockAndChance(tree: Tree): Finding[] {
  return tree.filter(isCode).flatMap((file) => {
    const say = replacementFor(file);
    if (say === undefined || file.path in allowances) return [];
    return bannedUses(file).map(({ line, what }) => ({
      path: file.path,
      line,
      rule: 'clock and chance',
      say: `${what}: ${say}`,
    }));
  });
}

function replacementFor(file: TextFile): string | undefined {
  if (file.path.startsWith('packages/core/')) return 'in core, time and chance are arguments';
  if (!deterministic.test(file.path) || isTest(file.path)) return undefined;
  return 'here, time and chance come through the Clock and Chance ports';
}

/** Every use of clock or chance in a file, whether it is allowed there or not. */
export function bannedUses(file: TextFile): { readonly line: number; readonly what: string }[] {
  const own = ownNames(file);
  const inCode = [...walk(parse(file))].flatMap((node) => {
    const what = bannedUse(node);
    if (what === undefined || (ts.isIdentifier(node) && own.has(what))) return [];
    return [{ line: lineOf(node), what }];
  });
  const imported = importsOf(file)
    .filter(({ specifier }) => modules.test(specifier))
    .map(({ specifier, line }) => ({ line, what: specifier }));
  return [...inCode, ...imported];
}

/** Names that a file gives to things of its own, such as the performance of a runbook. */
function ownNames(file: TextFile): ReadonlySet<string> {
  return new Set(
    [...walk(parse(file))]
      .filter((node) => ts.isParameter(node) || ts.isVariableDeclaration(node) || isBinding(node))
      .map((node) => (node as ts.NamedDeclaration).name?.getText() ?? ''),
  );
}

function isBinding(node: ts.Node): boolean {
  return ts.isBindingElement(node) || ts.isImportSpecifier(node) || ts.isFunctionDeclaration(node);
}

function bannedUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText().replace(globals, '');
    return members.test(name) || timers.test(name) || name === 'crypto' ? name : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return node.arguments?.length ? undefined : 'new Date()';
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isIdentifier(node) && isUsedAsValue(node)) {
    return timers.test(node.text) || node.text === 'crypto' ? node.text : undefined;
  }
  return ts.isImportDeclaration(node) ? randomImport(node) : undefined;
}

/** What a file takes from `node:crypto` that differs from run to run. */
function randomImport(node: ts.ImportDeclaration): string | undefined {
  if (!/^.(node:)?crypto.$/.test(node.moduleSpecifier.getText())) return undefined;
  const bindings = node.importClause?.namedBindings;
  if (!bindings || !ts.isNamedImports(bindings)) return 'the whole of node:crypto';
  return bindings.elements
    .map((element) => (element.propertyName ?? element.name).text)
    .find((name) => randomOfCrypto.test(name));
}

/** Neither the name of a property nor that of a declaration. */
function isUsedAsValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return ts.isCallExpression(parent) || ts.isExpressionStatement(parent) || isRightSide(node);
}

function isRightSide({ parent }: ts.Identifier): boolean {
  return ts.isVariableDeclaration(parent) && parent.initializer?.kind === ts.SyntaxKind.Identifier;
}
