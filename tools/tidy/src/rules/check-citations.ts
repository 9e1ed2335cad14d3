import type { Finding } from '../finding.ts';
import type { Tree } from '../tree.ts';

// Last letters in brackets, so that this line does not find itself.
const strangeCitation = /\b(DESIG[N]|DECISION[S]|HOUS[E]|ECOSYSTE[M]|FACT[S]|SAFET[Y])\b/;
const pageNumber = /\bdecisions\/(\d{4})/g;

/** What a comment leans on must be in this repository, where its reader can look it up. */
export function checkCitations(tree: Tree): Finding[] {
  const pages = new Set(
    tree.flatMap(({ path }) => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1] ?? []),
  );
  return tree.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const say = strangerIn(line) ?? missingIn(line, pages);
      if (say === undefined) return [];
      return [{ path, line: index + 1, rule: 'citations', say }];
    }),
  );
}

function strangerIn(line: string): string | undefined {
  const found = strangeCitation.exec(line)?.[1];
  if (found === undefined) return undefined;
  return `${found} is no page of this repository; name decisions/NNNN, a safety rule, or a word`;
}

function missingIn(line: string, pages: ReadonlySet<string>): string | undefined {
  for (const [, page = ''] of line.matchAll(pageNumber)) {
    if (!pages.has(page)) return `docs/decisions has no page ${page}`;
  }
  return undefined;
}
