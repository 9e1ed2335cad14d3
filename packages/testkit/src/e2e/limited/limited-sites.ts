import { randomBytes, randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { apiUrl, defaultTopologyText } from '@understudy/api';
import { createPoolClient, usersCsv, withDatabase } from '@understudy/drill';
import { openPhone, type TestPhone } from '@understudy/role-registrar/testing';
import { openSites, type Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { shortIntervals, waitLimited } from './wait-limited.ts';

type Server = 'east-1' | 'west-1';

/** Two sites of real processes whose pool east has users; limited mode comes and goes soon. */
export type LimitedSites = AsyncDisposable & {
  readonly sites: Sites;
  phone(name: string, server: Server): Promise<TestPhone>;
  /** Asks one server alone, as the user. */
  ask(name: string, server: Server, asked: Asked): Promise<{ status: number; json: unknown }>;
  rows(server: Server, database: string, sql: string): Promise<readonly unknown[]>;
  /** Waits until pool east is in limited mode at the west, or is not any more. */
  waitLimited(state: 'on' | 'returning' | 'off'): Promise<void>;
};
type Asked = Parameters<ReturnType<typeof createPoolClient>['request']>[0];

const domain = 'example.test';

export async function openLimitedSites(names: readonly string[]): Promise<LimitedSites> {
  const sites = await openSites({ topologyText: defaultTopologyText() + shortIntervals });
  const users = names.map((name) => ({
    name,
    password: randomBytes(12).toString('hex'),
    pool: 'east',
  }));
  const userNamed = (name: string) => users.find((user) => user.name === name) ?? fail(name);
  const agent = new Agent({ keepAlive: true });
  const portsOf = (server: Server) =>
    sites.topology.servers.find(({ name }) => name === server)?.ports ?? fail(server);
  try {
    const id = randomUUID();
    await waitFor('the users of east', () =>
      sites.client.importUsers('east', { id, csv: () => Readable.from([usersCsv(users)]) }),
    );
  } catch (error) {
    await sites[Symbol.asyncDispose]();
    throw error;
  }
  return {
    sites,
    phone: (name, server) => {
      const { password } = userNamed(name);
      const { sip: port } = portsOf(server);
      const place = { transport: 'udp', address: '127.0.0.1', port } as const;
      const sentBy = { host: place.address, port };
      return openPhone({ sip: [{ ...place, sentBy }] }, { name, password, domain });
    },
    ask: async (name, server, asked) => {
      const addresses = [{ url: apiUrl('127.0.0.1', portsOf(server).users), stores: [server] }];
      const served = await createPoolClient({ user: userNamed(name), addresses, agent }).request(
        asked,
      );
      if (served === undefined) throw new Error(`${server} does not serve ${asked.path}`);
      return { status: served.status, json: JSON.parse(served.text || 'null') as unknown };
    },
    rows: async (server, database, sql) => {
      const store = server === 'east-1' ? 'east-store' : 'west-store';
      const found = await withDatabase({ stores: sites, store, database }, async (client) => {
        const { rows } = await client.query<Record<string, unknown>>(sql);
        return rows.map((row) => Object.values(row)[0]);
      });
      return found ?? fail(`${store} does not run`);
    },
    waitLimited: (state) => waitLimited(sites, state),
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await sites[Symbol.asyncDispose]();
    },
  };
}

function fail(what: string): never {
  throw new Error(what);
}
