import type { Finding } from '../finding.ts';
import type { TextFile, Tree } from '../tree.ts';

const page = 'docs/safety.md';
const rowPattern = /^\| (?<rule>[EAQV]\d+) \| (?<tests>.+) \|$/;

/** Every row of the safety table leads to tests that name its rule. */
export function checkSafetyTable(tree: Tree): Finding[] {
  const file = tree.find((candidate) => candidate.path === page);
  if (!file) return [];
  const files = new Map(tree.map((candidate) => [candidate.path, candidate]));
  return file.text.split('\n').flatMap((text, index) => {
    const { rule, tests } = rowPattern.exec(text)?.groups ?? {};
    if (rule === undefined || tests === undefined) return [];
    return [...tests.matchAll(/`([^`]+)`/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => !namesRule(files.get(path), rule))
      .map((path) =>
        finding(index + 1, `${path} is gone or does not name ${rule}; correct the row`),
      );
  });
}

function namesRule(file: TextFile | undefined, rule: string): boolean {
  return file !== undefined && new RegExp(`\\b${rule}\\b`).test(file.text);
}

function finding(line: number, say: string): Finding {
  return { path: page, line, rule: 'safety table', say };
}
