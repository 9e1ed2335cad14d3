import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DeploymentPaths } from '@understudy/api';
import { killEmbeddedPostgres, stopEmbeddedPostgres } from '@understudy/postgres';
import { makeCertificate } from '../../interop/make-certificate.ts';
import { openSites, type Sites } from '../sites/open-sites.ts';
import { makeTestFolder, removeTestFolder } from '../sites/test-folder.ts';
import { type Network, openNetwork, type Place, places } from './network.ts';
import { runProgram } from './run-program.ts';
import { storePort, topologyOfPlaces } from './topology-of-places.ts';

/** Two sites and a witness, each in a network of its own, their stores reached over TLS. */
export type NetworkSites = AsyncDisposable & {
  readonly network: Network;
  readonly sites: Sites;
  killStore(place: Place): Promise<void>;
  /** A shutdown in order: what is not logged is there after it, too. */
  stopStore(place: Place): Promise<void>;
  startStore(place: Place): Promise<void>;
};

export async function openNetworkSites(): Promise<NetworkSites> {
  const network = await openNetwork();
  const certificates = await makeTestFolder();
  const certificate = await makeCertificate(
    certificates,
    places.map((place) => network.addressOf(place)),
  );
  const stores = new Map<Place, Store>();
  const storeAt = (place: Place): Store => {
    const store = stores.get(place);
    if (store === undefined) throw new Error(`no store was started at ${place}`);
    return store;
  };
  const close = async (): Promise<void> => {
    await removeTestFolder(certificates);
    await network[Symbol.asyncDispose]();
  };
  try {
    const sites = await openSites({
      topologyText: async (paths) => {
        for (const place of places) stores.set(place, await startStoreAt(place, around(paths)));
        return topologyOfPlaces(network, (place) => storeAt(place).url);
      },
      // PostgreSQL's clients in Node believe no certificate that they do not know.
      environment: { NODE_EXTRA_CA_CERTS: certificate },
      within: (server) => network.within(placeOf(server)),
      superuserUrl: (store) => unverified(storeAt(placeOf(store)).url),
    });
    return {
      network,
      sites,
      killStore: async (place) => {
        await killEmbeddedPostgres(storeAt(place).folder);
      },
      stopStore: async (place) => {
        await stopEmbeddedPostgres(storeAt(place).folder);
      },
      startStore: async (place) => {
        await startStoreAt(place, around(sites.paths));
      },
      async [Symbol.asyncDispose]() {
        await sites[Symbol.asyncDispose]();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
  function around(paths: DeploymentPaths): Around {
    return { network, paths, certificates };
  }
}

type Store = { readonly folder: string; readonly url: string };
type Around = {
  readonly network: Network;
  readonly paths: DeploymentPaths;
  readonly certificates: string;
};

const startStoreProgram = fileURLToPath(new URL('./start-store.js', import.meta.url));

/** Where `Sites` looks for what it has to end, also after a test that was killed. */
async function startStoreAt(
  place: Place,
  { network, paths, certificates }: Around,
): Promise<Store> {
  const folder =
    place === 'witness'
      ? paths.witnessFolder
      : paths.server(`${place}-1`).storeFolder(`${place}-store`);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const words = [process.execPath, startStoreProgram, folder, `${storePort}`, certificates];
  const password = await runProgram([...network.within(place), ...words]);
  const at = `postgres:${password}@${network.addressOf(place)}:${storePort}`;
  return { folder, url: `postgres://${at}/postgres?sslmode=require` };
}

function placeOf(name: string): Place {
  const place = places.find((each) => name.startsWith(each));
  if (place === undefined) throw new Error(`${name} stands at no place`);
  return place;
}

/** For the test itself, which was started before there was a certificate. */
function unverified(url: string): string {
  const changed = new URL(url);
  changed.searchParams.set('sslmode', 'no-verify');
  return changed.href;
}
