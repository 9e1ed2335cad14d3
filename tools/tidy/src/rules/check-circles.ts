import { posix } from 'node:path';
import type { Finding } from '../finding.ts';
import { importsOf } from '../import-of.ts';
import { isCode, isTest, type TextFile, type Tree } from '../tree.ts';

type Arrow = { readonly to: string; readonly line: number };

/**
 * Files that import each other in a circle cannot be read, tested or moved one without the other;
 * types count. Code for tests may: its small worlds know their inhabitants.
 */
export function checkCircles(tree: Tree): Finding[] {
  const arrows = new Map(tree.filter(isProduct).map((file) => [file.path, arrowsOf(file)]));
  return [...arrows].flatMap(([path, ways]) =>
    ways
      .filter(({ to }) => leadsTo(arrows, to, path))
      .map(({ to, line }) => ({
        path,
        line,
        rule: 'no circles',
        say: `${to} leads back here; move what both need into a file of its own`,
      })),
  );
}

function isProduct(file: TextFile): boolean {
  return isCode(file) && !isTest(file.path) && !/\/testing\/|^packages\/testkit\//.test(file.path);
}

function arrowsOf(file: TextFile): Arrow[] {
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, line }) => ({
      to: posix.join(posix.dirname(file.path), specifier),
      line,
    }));
}

/** Each file is looked at once, so this ends. */
function leadsTo(arrows: ReadonlyMap<string, readonly Arrow[]>, from: string, to: string) {
  const seen = new Set([from]);
  for (const path of seen) {
    if (path === to) return true;
    for (const arrow of arrows.get(path) ?? []) seen.add(arrow.to);
  }
  return false;
}
