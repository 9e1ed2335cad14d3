import { DeploymentError, type DeploymentPaths, readTextIfThere } from '@understudy/api';
import type { Server, Store, Topology } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { examineStore, storeOwner } from '@understudy/postgres';
import type { UpIo } from '../up-io.ts';

type Examined = {
  readonly paths: DeploymentPaths;
  readonly topology: Topology;
  readonly servers: readonly Server[];
  readonly isInit: boolean;
};

/**
 * Looks at every PostgreSQL by URL of these servers before anything is made. At birth one that
 * cannot be used is refused, all at once; later it is said, and the other stores are served. One
 * that does not answer may do so later; its agent says it until then.
 */
export async function examineStores(at: Examined, { say }: Pick<UpIo, 'say'>): Promise<void> {
  const { paths, topology, servers, isInit } = at;
  const secret = (await readTextIfThere(paths.secret))?.trim();
  const owner = storeOwner({ secret, name: topology.name, dataDir: paths.dataDir });
  const own = topology.stores.filter(({ server }) => servers.some(({ name }) => name === server));
  const found = await Promise.all(own.map((store) => refusalOf(store, owner)));
  const refusals = found.filter((each) => each !== undefined);
  if (refusals.length === 0) return;
  if (!isInit) {
    for (const each of refusals) say(each);
    return;
  }
  throw new DeploymentError('storeRefused', {
    what: refusals.join('\n  '),
    where: own.flatMap(({ name, url }) => (url === undefined ? [] : [placeOf(name, url)])).join(),
    todo: 'do what stands there, then `understudy up --init` again; nothing was created',
  });
}

async function refusalOf(
  { name, url }: Store,
  owner: ReturnType<typeof storeOwner>,
): Promise<string | undefined> {
  if (url === undefined) return undefined;
  try {
    await examineStore({ store: name, adminUrl: url, owner });
    return undefined;
  } catch (error) {
    if (error instanceof EngineRefusedError) return error.message;
    return undefined; // Silence: its agent keeps asking, and says so.
  }
}

/** Without user and password. */
function placeOf(store: string, url: string): string {
  return `${store} at ${new URL(url).host}`;
}
