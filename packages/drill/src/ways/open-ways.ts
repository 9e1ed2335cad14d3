import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type DeploymentPaths, type Detours, writePrivateFile } from '@understudy/api';
import type { Topology } from '@understudy/core';

// The ways between sites, and from each to the witness, lead through the drill itself, so that it
// can cut them on any machine and as any user (decisions/0045). Servers find them as detours.

/** What a way leads to: a port, or the PostgreSQL that runs in a folder by then. */
export type WayTarget = { readonly port: number } | { readonly postgres: string };
/** Which of the ways are cut from now on; the others are whole. */
export type WayOrder = { readonly cut: readonly number[] };
/** Ports at first, nothing later: an order is done. */
export type WayAnswer = readonly number[];

/** Two sites, or a site and the witness. */
export type Between = readonly [string, string];
export const witnessPlace = 'witness';

export type Ways = AsyncDisposable & {
  /** From now on nothing passes between these, in either direction; all else does. */
  cut(all: readonly Between[]): Promise<void>;
};

type PlacedWay = {
  readonly from: { readonly server: string; readonly site: string };
  readonly to: { readonly kind: 'agent' | 'store' | 'witness'; readonly name: string };
  readonly place: string;
  readonly target: WayTarget;
};

/** Opens the ways and writes each server's detours; agents read them when they start. */
export async function openWays(paths: DeploymentPaths, topology: Topology): Promise<Ways> {
  const ways = waysOf(paths, topology);
  const worker = new Worker(new URL('./ways-worker.js', import.meta.url), {
    workerData: ways.map(({ target }) => target),
  });
  const ports = await heard(worker);
  worker.unref(); // It ends with the drill, however that ends.
  for (const { name } of topology.servers) {
    const own = ways.flatMap((way, index) =>
      way.from.server === name ? [{ to: way.to, port: ports[index] ?? 0 }] : [],
    );
    await writePrivateFile(paths.server(name).detours, `${JSON.stringify(detoursOf(own))}\n`);
  }
  return {
    cut: async (all) => {
      const cut = ways.flatMap(({ from, place }, index) =>
        all.some((pair) => pair.includes(from.site) && pair.includes(place)) ? [index] : [],
      );
      const done = heard(worker);
      worker.postMessage({ cut } satisfies WayOrder);
      await done;
    },
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

async function heard(worker: Worker): Promise<WayAnswer> {
  const [answer] = (await once(worker, 'message')) as [WayAnswer];
  return answer;
}

/** Every way from a server to an agent or store of another site, and to the witness. */
function waysOf({ witnessFolder }: DeploymentPaths, topology: Topology): readonly PlacedWay[] {
  const { servers, stores, votes } = topology;
  return servers.flatMap((server) => {
    const from = { server: server.name, site: server.site };
    const others = servers.filter(({ site }) => site !== server.site);
    const agents = others.map(({ name, site, ports }) => {
      const to = { kind: 'agent', name } as const;
      return { from, to, place: site, target: { port: ports.peer } };
    });
    const copies = others.flatMap(({ name, site }) =>
      stores
        .filter((store) => store.server === name)
        .map((store) => {
          const to = { kind: 'store', name: store.name } as const;
          return { from, to, place: site, target: { port: store.port } };
        }),
    );
    if (votes?.witness === undefined) return [...agents, ...copies];
    const to = { kind: 'witness', name: witnessPlace } as const;
    const witness = { from, to, place: witnessPlace, target: { postgres: witnessFolder } };
    return [...agents, ...copies, witness];
  });
}

function detoursOf(
  ways: readonly { readonly to: PlacedWay['to']; readonly port: number }[],
): Partial<Detours> {
  const of = (kind: PlacedWay['to']['kind']) => ways.filter(({ to }) => to.kind === kind);
  const named = (kind: PlacedWay['to']['kind']) =>
    Object.fromEntries(of(kind).map(({ to, port }) => [to.name, port]));
  const [witness] = of('witness');
  return {
    agents: named('agent'),
    stores: named('store'),
    ...(witness === undefined ? {} : { witness: witness.port }),
  };
}
