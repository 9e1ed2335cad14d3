/**
 * The uri that was signed must be the one asked for (3.4.6). A redirect of ours may have added
 * `pool` to it, so that a client that only follows needs not sign again.
 */
export function isSameTarget(signed: string, asked: string): boolean {
  if (signed === asked) return true;
  const bare = withoutPool(signed);
  return bare !== undefined && bare === withoutPool(asked);
}

function withoutPool(target: string): string | undefined {
  if (!URL.canParse(target, 'http://any.invalid')) return undefined;
  const url = new URL(target, 'http://any.invalid');
  url.searchParams.delete('pool');
  return `${url.pathname}${url.search}`;
}
