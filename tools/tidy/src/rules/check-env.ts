import ts from 'typescript-parser';
import type { Finding } from '../finding.ts';
import { isCode, lineOf, parse, type Tree, walk } from '../tree.ts';

/** The environment is read in env.ts and nowhere else, so that all settings can be found. */
export function checkEnv(tree: Tree): Finding[] {
  return tree
    .filter(isCode)
    .filter((file) => !file.path.endsWith('/env.ts'))
    .flatMap((file) =>
      [...walk(parse(file))].filter(isEnvironment).map((node) => ({
        path: file.path,
        line: lineOf(node),
        rule: 'environment',
        say: 'process.env is read in env.ts alone; export what you need from there',
      })),
    );
}

function isEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'process.env';
  const isDestructured = ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name);
  return isDestructured && /^process$/.test(node.initializer?.getText() ?? '')
    ? /\benv\b/.test(node.name.getText())
    : false;
}
