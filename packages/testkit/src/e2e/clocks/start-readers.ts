import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import {
  addressesOf,
  createPoolClient,
  keepTrying,
  makeUsers,
  usersCsv,
  type UsersAddress,
} from '@understudy/drill';
import type { Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';

/** Users who read their mailbox at one server alone, all the time, whoever serves their pool. */
export type Readers = AsyncDisposable & {
  /** Until when a mailbox was read out there last, as `performance.now()` counts. */
  lastReadMs(): number;
};

const readersCount = 4;
const pace = { everyMs: 50, refusedPauseMs: 50 };

/** At the pool's home. */
export async function startReaders({ client, topology }: Sites, pool: string): Promise<Readers> {
  const [made] = makeUsers(1, [pool]);
  if (made === undefined) throw new Error('no user was made');
  const user = { ...made, name: `${pool}-reader` };
  const id = randomUUID();
  await waitFor(`the reader of ${pool}`, () =>
    client.importUsers(pool, { id, csv: () => Readable.from([usersCsv([user])]) }),
  );
  const [home] = addressesOf(topology, pool) as [UsersAddress];
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  let lastMs = 0;
  const loops = Array.from({ length: readersCount }, (_, index) => {
    const device = createPoolClient({ user, addresses: [home], agent });
    const act = async (): Promise<boolean> => {
      const answer = await device.request({ method: 'GET', path: '/v1/messages?limit=1' });
      const isRead = answer?.status === 200;
      if (isRead) lastMs = performance.now();
      return isRead;
    };
    return keepTrying(act, { pace, phase: index / readersCount, signal: stopping.signal });
  });
  await waitFor(`that the home of ${pool} reads out a mailbox`, () => lastMs > 0 || undefined);
  return {
    lastReadMs: () => lastMs,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      agent.destroy();
      await Promise.all(loops);
    },
  };
}
