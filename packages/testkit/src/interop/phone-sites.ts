import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { usersCsv } from '@understudy/drill';
import { openSites, type Sites, type SitesOptions } from '../e2e/sites/open-sites.ts';
import { waitFor } from '../e2e/sites/wait-for.ts';
import type { SippUser } from './sipp/sipp-run.ts';

/** Two sites whose pool east has users with phones. */
export type PhoneSites = AsyncDisposable & {
  readonly sites: Sites;
  /** Where the phones keep their files. */
  readonly folder: string;
  /** Where a server takes SIP over UDP and TCP, as HOST:PORT. */
  sip(server: PhoneServer): string;
  /** Where it takes SIP over TLS. */
  sips(server: PhoneServer): string;
  user(name: string): SippUser;
};

export type PhoneServer = 'east-1' | 'west-1';

export type PhoneSitesOptions = SitesOptions & {
  /** Users of pool east, and of pool west. */
  readonly east: readonly string[];
  readonly west?: readonly string[];
};

/** Opens the default topology, or another with pools east and west, with these users. */
export async function openPhoneSites({
  east,
  west = [],
  ...options
}: PhoneSitesOptions): Promise<PhoneSites> {
  const sites = await openSites(options);
  const folder = join(tmpdir(), `understudy-interop-${process.pid}-${randomUUID()}`);
  const dispose = async () => {
    await sites[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(folder, { mode: 0o700 });
    const users = [...usersOf('east', east), ...usersOf('west', west)];
    for (const pool of new Set(users.map((user) => user.pool))) {
      const [id, csv] = [randomUUID(), usersCsv(users.filter((user) => user.pool === pool))];
      await waitFor(`the users of ${pool}`, () =>
        sites.client.importUsers(pool, { id, csv: () => Readable.from([csv]) }),
      );
    }
    return {
      sites,
      folder,
      sip: (server) => placeOf(sites, server, 'sip'),
      sips: (server) => placeOf(sites, server, 'sips'),
      user: (name) => users.find((user) => user.name === name) ?? fail(`no user ${name}`),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function usersOf(pool: string, names: readonly string[]) {
  return names.map((name) => ({ name, password: randomBytes(12).toString('hex'), pool }));
}

/** Waits until a server listens for SIP; its role starts after its copies are well. */
export async function waitListening(place: string): Promise<void> {
  const [host = '', port] = place.split(':');
  await waitFor(`that ${place} listens`, async () => {
    const socket = connect(Number(port), host);
    try {
      await once(socket, 'connect');
      return true;
    } finally {
      socket.destroy();
    }
  });
}

function placeOf({ topology }: Sites, server: string, door: 'sip' | 'sips'): string {
  const { address, ports } = topology.servers.find(({ name }) => name === server) ?? fail(server);
  return `${address}:${ports[door]}`;
}

function fail(what: string): never {
  throw new Error(what);
}
