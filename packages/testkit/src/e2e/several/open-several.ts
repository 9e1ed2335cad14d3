import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import {
  createPhone,
  createPoolClient,
  makeUsers,
  openPhoneLine,
  type Phone,
  usersCsv,
} from '@understudy/drill';
import { openSites, type Sites } from '../sites/open-sites.ts';
import { twoInEastText } from '../sites/three-servers.ts';
import { waitFor } from '../sites/wait-for.ts';

/** Two sites, of which pool east has two servers and one store with its data. */
export type Several = AsyncDisposable & {
  readonly sites: Sites;
  readonly users: ReturnType<typeof makeUsers>;
  /** A user's device that knows one server alone. */
  clientAt(server: string, user: number): ReturnType<typeof createPoolClient>;
  /** A user's phone that knows these servers, the first best. One for each user. */
  phoneAt(servers: readonly string[], user: number): Phone;
  /** How many routing groups each server owns and has loaded, as `status` shows them. */
  owners(pool?: string): Promise<Readonly<Record<string, number>>>;
  /** Waits until they are spread so. */
  waitSpread(wanted: Readonly<Record<string, number>>, withinMs?: number): Promise<void>;
};

const usersCount = 8;
/** Shorter than by default, so that a server that comes gets its groups while a test waits. */
const limits = 'limits:\n  serverSteadyMs: 3000\n';

export async function openSeveral(): Promise<Several> {
  const sites = await openSites({ topologyText: `${twoInEastText()}\n${limits}` });
  const agent = new Agent({ keepAlive: true });
  const line = await openPhoneLine();
  const users = makeUsers(usersCount, ['east']);
  const dispose = async () => {
    await line[Symbol.asyncDispose]();
    agent.destroy();
    await sites[Symbol.asyncDispose]();
  };
  try {
    const [id, csv] = [randomUUID(), usersCsv(users)];
    await waitFor('the users of east', () =>
      sites.client.importUsers('east', { id, csv: () => Readable.from([csv]) }),
    );
  } catch (error) {
    await dispose();
    throw error;
  }
  const owners = (pool = 'east') => ownersOf(sites, pool);
  return {
    sites,
    users,
    owners,
    clientAt: (server, at) => {
      const place = sites.topology.servers.find(({ name }) => name === server);
      const user = users[at];
      if (place === undefined || user === undefined) throw new Error(`no ${server} or ${at}`);
      const url = `http://${place.address}:${place.ports.users}`;
      return createPoolClient({ user, addresses: [{ url, stores: [server] }], agent });
    },
    phoneAt: (servers, at) => {
      const user = users[at];
      if (user === undefined) throw new Error(`no user ${at}`);
      const addresses = servers.map((server) => {
        const place = sites.topology.servers.find(({ name }) => name === server);
        if (place === undefined) throw new Error(`no server ${server}`);
        const { address, ports } = place;
        return { transport: 'udp' as const, address, port: ports.sip, store: server };
      });
      const [domain = ''] = sites.topology.domains;
      return createPhone({ line, user, addresses, domain });
    },
    waitSpread: async (wanted, withinMs) => {
      const text = (spread: Readonly<Record<string, number>>) =>
        Object.entries(spread)
          .map(([server, count]) => `${server}: ${count}`)
          .toSorted()
          .join(', ');
      await waitFor(
        `that groups are spread ${text(wanted)}`,
        async () => {
          const spread = await owners();
          if (text(spread) !== text(wanted)) throw new Error(text(spread));
          return true;
        },
        withinMs,
      );
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function ownersOf({ client }: Sites, pool: string): Promise<Record<string, number>> {
  const { agents } = await client.status();
  const serving = agents.flatMap(({ server, roles }) =>
    roles.flatMap((role) =>
      role.pools.flatMap((each) =>
        each.pool === pool && each.isServing ? [[server, each.groups.length] as const] : [],
      ),
    ),
  );
  return Object.fromEntries(serving);
}
