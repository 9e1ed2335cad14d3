import type { Finding } from '../finding.ts';
import { isCode, type Tree } from '../tree.ts';

const banned = /(^|-)(utils?|helpers?|common|managers?|services?|base|impl)$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** File and folder names: kebab-case, and none that could name anything. */
export function checkNames(tree: Tree): Finding[] {
  return tree.filter(isCode).flatMap(({ path }) =>
    path.split('/').flatMap((segment) => {
      const stem = segment.split('.')[0] ?? '';
      if (banned.test(stem)) {
        const say = `"${stem}" could hold anything; name the one thing it is about`;
        return [{ path, line: 1, rule: 'names', say }];
      }
      if (!kebab.test(stem)) {
        return [{ path, line: 1, rule: 'names', say: `"${segment}" is not kebab-case; rename it` }];
      }
      return [];
    }),
  );
}
