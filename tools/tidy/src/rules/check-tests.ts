import ts from 'typescript-parser';
import type { Finding } from '../finding.ts';
import { isCode, isTest, lineOf, parse, type Tree, walk } from '../tree.ts';

const leavesOut = /^(skip|todo|only)$/;
const testFunction = /^(test|it|describe|suite|t|context)(\.|$)/;

/** No test is skipped, left to do, or run alone. */
export function checkTests(tree: Tree): Finding[] {
  return tree
    .filter((file) => isCode(file) && isTest(file.path))
    .flatMap((file) =>
      [...walk(parse(file))].filter(isLeftOut).map((node) => ({
        path: file.path,
        line: lineOf(node),
        rule: 'no skipped tests',
        say: `${node.getText().split('(')[0]}: make it run, or delete it`,
      })),
    );
}

function isLeftOut(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node) && leavesOut.test(node.name.text)) {
    return ts.isCallExpression(node.parent) && testFunction.test(node.expression.getText());
  }
  if (ts.isPropertyAssignment(node) && leavesOut.test(node.name.getText())) {
    const call = node.parent.parent;
    return ts.isCallExpression(call) && testFunction.test(call.expression.getText());
  }
  return false;
}
