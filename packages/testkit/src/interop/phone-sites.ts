import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { usersCsv } from '@understudy/drill';
import { openSites, type Sites } from '../e2e/sites/open-sites.ts';
import { waitFor } from '../e2e/sites/wait-for.ts';
import type { SippUser } from './sipp/sipp-run.ts';

/** Two sites whose pool east has users with phones. */
export type PhoneSites = AsyncDisposable & {
  readonly sites: Sites;
  /** Where the phones keep their files. */
  readonly folder: string;
  /** Where a server takes SIP, as HOST:PORT. */
  sip(server: 'east-1' | 'west-1'): string;
  user(name: string): SippUser;
};

/** Opens the default topology with these users of pool east. */
export async function openPhoneSites(names: readonly string[]): Promise<PhoneSites> {
  const sites = await openSites();
  const folder = join(tmpdir(), `understudy-interop-${process.pid}-${randomUUID()}`);
  const dispose = async () => {
    await sites[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(folder, { mode: 0o700 });
    const users = names.map((name) => ({
      name,
      password: randomBytes(12).toString('hex'),
      pool: 'east',
    }));
    const [id, csv] = [randomUUID(), usersCsv(users)];
    await waitFor('the users of east', () =>
      sites.client.importUsers('east', { id, csv: () => Readable.from([csv]) }),
    );
    return {
      sites,
      folder,
      sip: (server) => placeOf(sites, server),
      user: (name) => users.find((user) => user.name === name) ?? fail(`no user ${name}`),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
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

function placeOf({ topology }: Sites, server: string): string {
  const { address, ports } = topology.servers.find(({ name }) => name === server) ?? fail(server);
  return `${address}:${ports.sip}`;
}

function fail(what: string): never {
  throw new Error(what);
}
