import { type PeerMethod, peerMethods } from '@understudy/api';
import { defaultLimits, type RunRequest, type ServerName, type StoreName } from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import { type AgentClient, AgentUnreachableError } from '@understudy/ports';
import { startTestPostgresPair } from '@understudy/postgres';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { RealSite } from './real-site.ts';

// Two sites on real PostgreSQL whose agents live in the test's own process, so that the cable
// between them can be cut while everything else goes on.

export type RealSites = AsyncDisposable & {
  readonly east: RealSite;
  readonly west: RealSite;
  /** Agents hear nothing of each other while it is cut; PostgreSQL is not concerned. */
  readonly cable: { isCut: boolean };
};

const limits = { ...defaultLimits, peerTimeoutMs: 1_000, quietBeforeReturnMs: 5_000 };

/** Both datasets born, `users-east` mounted in the east, every other copy healthy. */
export async function startRealSites(): Promise<RealSites> {
  const pair = await startTestPostgresPair();
  const topology = aTopology({ limits });
  const urls = new Map<StoreName, string>([
    [names.eastStore, pair.east.url('postgres')],
    [names.westStore, pair.west.url('postgres')],
  ]);
  const urlOf = (store: StoreName) => urls.get(store) ?? '';
  const cable = { isCut: false };
  const sites = new Map<ServerName, RealSite>();
  const siteOf = (server: ServerName, store: StoreName, other: ServerName): RealSite => {
    const postgres = server === names.eastServer ? pair.east : pair.west;
    const partner = clientOver(cable, other, () => sites.get(other)?.client);
    const site = new RealSite({ server, store, topology, postgres, urlOf, partner });
    sites.set(server, site);
    return site;
  };
  const east = siteOf(names.eastServer, names.eastStore, names.westServer);
  const west = siteOf(names.westServer, names.westStore, names.eastServer);
  const dispose = async () => {
    await Promise.allSettled([east.powerOff(), west.powerOff()]);
    await pair[Symbol.asyncDispose]();
  };
  const started = { east, west, cable, [Symbol.asyncDispose]: dispose };
  try {
    for (const site of [east, west]) site.startAgent();
    for (const { agent } of [east, west]) {
      await waitFor('its birth', () => agent.init().then(() => true));
    }
    await waitWell(started);
    return started;
  } catch (error) {
    await dispose();
    throw error;
  }
}

export async function waitWell({ east, west }: RealSites): Promise<void> {
  await waitFor('that every copy is well', async () => {
    const reports = await Promise.all([east.agent.report(), west.agent.report()]);
    const copies = reports.flatMap((report) => report.copies);
    const unwell = copies.filter(({ state }) => state !== 'mounted' && state !== 'healthy');
    // What the agents say of it tells why it does not end.
    if (unwell.length > 0) throw new Error(reports.map(({ verdict }) => verdict).join(' / '));
    return copies.length === 4 ? true : undefined;
  });
}

/** Moves the pool east to the west by force, whatever it costs. Resolves when the run has ended. */
export async function forceToWest(
  { west }: RealSites,
  isPartnerOff = true,
): Promise<string | undefined> {
  const asked: RunRequest = {
    runbook: 'pool-failover',
    pool: names.eastPool,
    mode: 'forced',
    isPartnerOff,
    by: 'a test',
  };
  const { leading } = west.agent;
  const { quoteId } = await leading.plan(asked);
  const accepted = quoteId === undefined ? {} : { acceptedQuote: quoteId };
  const begun = await leading.begin({ ...asked, ...accepted });
  if (begun.kind !== 'begun') throw new Error(JSON.stringify(begun));
  const { id } = begun.started;
  return await waitFor('the end of the run', async () => {
    const row = (await west.agent.runs()).find((each) => each.id === id);
    return row?.state === 'running' ? undefined : row?.state;
  });
}

type Call = (...parameters: readonly unknown[]) => Promise<unknown>;

function clientOver(
  cable: { readonly isCut: boolean },
  server: ServerName,
  target: () => AgentClient | undefined,
): AgentClient {
  const client: Record<string, unknown> = { server };
  const carry = async (name: PeerMethod, parameters: readonly unknown[]): Promise<unknown> => {
    const there = target();
    if (there === undefined || cable.isCut) {
      throw new AgentUnreachableError(`${server} does not answer`);
    }
    const answer = await (there[name] as Call).apply(there, structuredClone([...parameters]));
    return structuredClone(answer);
  };
  for (const name of peerMethods) {
    client[name] = (...parameters: readonly unknown[]) => carry(name, parameters);
  }
  return client as unknown as AgentClient;
}
