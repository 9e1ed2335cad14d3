import type { Finding } from '../finding.ts';
import type { Tree } from '../tree.ts';

// Written in pieces, so that this file does not find itself.
const folders = ['work', 'home', 'Users', 'root'].join('|');
const machinePath = new RegExp(`(?<![\\w.@/~-])/(${folders})/[\\w.-]+`);

/** A path of somebody's machine means nothing on the next one. */
export function checkMachinePaths(tree: Tree): Finding[] {
  return tree.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const found = machinePath.exec(line)?.[0];
      if (found === undefined) return [];
      const say = `${found} is a path of one machine; derive it, or take it as a setting`;
      return [{ path, line: index + 1, rule: 'no machine paths', say }];
    }),
  );
}
