import { namesLike } from '@understudy/core';
import { UsageError } from './usage-error.ts';

/** The one of that name, or a usage error that says which names there are. */
export function findNamed<Named extends { readonly name: string }>(
  kind: string,
  name: string,
  all: readonly Named[],
): Named {
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = namesLike(
    name,
    all.map((each) => each.name),
  );
  throw new UsageError(`there is no ${kind} ${name}; there are: ${known}`);
}
