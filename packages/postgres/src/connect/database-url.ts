/** The same server, user and parameters, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

/** The same server and parameters, another user. */
export function withUser(
  url: string,
  { user, password }: { readonly user: string; readonly password: string },
): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}

/** The URL as a libpq connection string, for CREATE SUBSCRIPTION. Secret when the URL is. */
export function toConnectionString(url: string): string {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const parameters = new Map([
    ['host', hostname.replace(/^\[|\]$/g, '')], // An IPv6 address stands in brackets in a URL.
    ['port', port === '' ? '5432' : port],
    ['user', decodeURIComponent(username)],
    ['password', decodeURIComponent(password)],
    ['dbname', decodeURIComponent(pathname.slice(1))],
    ...searchParams,
  ]);
  return [...parameters].map(([name, value]) => `${name}=${quoteParameter(value)}`).join(' ');
}

/** Quoted as libpq wants it (documentation, 34.1.1.1). */
function quoteParameter(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
