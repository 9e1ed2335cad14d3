// URLs of stores, read without a library: `core` has none, and a URL holds a password, so no
// message here repeats any part of it but the host.

type StoreUrl = { readonly host: string; readonly port: string; readonly query: string };

const pattern = new RegExp(
  [
    '^postgres(?:ql)?://(?:[^@/?#]*@)?',
    '(?<host>\\[[0-9a-f:.]+\\]|[^:/?#[\\]\\s]*)(?::(?<port>\\d{1,5}))?',
    '(?:/[^?#]*)?(?:\\?(?<query>[^#]*))?$',
  ].join(''),
  'i',
);

const encrypting = ['require', 'verify-ca', 'verify-full'];

/** What is wrong with a store's URL; undefined when well (decisions/0010). */
export function judgeStoreUrl(
  url: string,
): { readonly what: string; readonly todo: string } | undefined {
  const read = readStoreUrl(url);
  if (read === undefined) {
    return {
      what: 'this is not the URL of a PostgreSQL instance',
      todo: 'write one like postgres://USER:PASSWORD@HOST:5432/postgres?sslmode=require',
    };
  }
  if (isLoopback(read) || encrypting.includes(sslMode(read))) return undefined;
  return {
    what: `the connection to ${read.host} is not encrypted for certain`,
    todo: `add ?sslmode=${encrypting.join(' or ')} to the URL`,
  };
}

/** Host and port of a store's URL, as a key; undefined when there is no readable URL. */
export function storeUrlPlace(url: string | undefined): string | undefined {
  const read = url === undefined ? undefined : readStoreUrl(url);
  if (read === undefined) return undefined;
  return `${socketFolder(read) ?? (isLoopback(read) ? 'loopback' : read.host)}:${read.port}`;
}

/** Whether a URL leads to the machine that reads it, and from others elsewhere. */
export function isLocalStoreUrl(url: string): boolean {
  const read = readStoreUrl(url);
  return read !== undefined && isLoopback(read);
}

function readStoreUrl(url: string): StoreUrl | undefined {
  const groups = pattern.exec(url)?.groups;
  if (groups === undefined) return undefined;
  const host = (groups['host'] ?? '').toLowerCase().replace(/^\[|\]$/g, '');
  return { host, port: groups['port'] ?? '5432', query: groups['query'] ?? '' };
}

function isLoopback(url: StoreUrl): boolean {
  const { host } = url;
  // Without a host, libpq uses a socket of this machine (PostgreSQL manual, 32.1.1).
  if (host === '') return socketFolder(url) !== undefined || !hasHostParameter(url);
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function sslMode(url: StoreUrl): string {
  return parameter(url, 'sslmode') ?? '';
}

function socketFolder(url: StoreUrl): string | undefined {
  const host = parameter(url, 'host');
  return host?.startsWith('/') === true || host?.toLowerCase().startsWith('%2f') === true
    ? host
    : undefined;
}

function hasHostParameter(url: StoreUrl): boolean {
  return parameter(url, 'host') !== undefined;
}

/** The last of a repeated parameter counts, as in libpq. */
function parameter({ query }: StoreUrl, name: string): string | undefined {
  const values = query.split('&').filter((part) => part.startsWith(`${name}=`));
  return values.at(-1)?.slice(name.length + 1);
}
