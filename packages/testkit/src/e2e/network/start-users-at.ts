import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { addressesOf, makeUsers, usersCsv, type WriteLedger } from '@understudy/drill';
import { bounds } from '../sites/bounds.ts';
import type { Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { aheadOfMonotonicMs, type UsersOrder } from './users-order.ts';

const program = fileURLToPath(new URL('users-at-place.js', import.meta.url));

/** Users of every pool who stand at one place: what is cut off from it is cut off from them. */
export type UsersAt = AsyncDisposable & {
  /** A write of this pool was begun there after the moment, and acknowledged there. */
  isServed(pool: string, sinceMs: number): boolean;
};

export type UsersAtOptions = {
  readonly sites: Sites;
  readonly place: string;
  /** Words before a command that is to run there. */
  readonly within: readonly string[];
  /** Gets whatever is acknowledged to them. */
  readonly ledger: WriteLedger;
};

export async function startUsersAt(options: UsersAtOptions): Promise<UsersAt> {
  const { within, ledger, place } = options;
  const order: UsersOrder = { users: await importUsers(options), aheadMs: aheadOfMonotonicMs() };
  const words = [...within, process.execPath, program];
  const child = spawn(`${words[0]}`, words.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const lastBegunMs = new Map<string, number>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const write = JSON.parse(line) as Parameters<WriteLedger['add']>[0];
    lastBegunMs.set(write.pool, Math.max(write.startMs, lastBegunMs.get(write.pool) ?? 0));
    ledger.add(write);
  });
  const users: UsersAt = {
    isServed: (pool, sinceMs) => (lastBegunMs.get(pool) ?? 0) > sinceMs,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), bounds.stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
  try {
    for (const { user } of order.users) {
      await waitFor(`that ${user.name} is served`, () => users.isServed(user.pool, 0) || undefined);
    }
    return users;
  } catch (error) {
    await users[Symbol.asyncDispose]();
    throw new Error(`users at ${place}`, { cause: error });
  }
}

async function importUsers({ sites, place }: UsersAtOptions): Promise<UsersOrder['users']> {
  const { topology, client } = sites;
  const made = makeUsers(
    topology.pools.length,
    topology.pools.map(({ name }) => `${name}`),
  );
  const users = made.map((user) => ({ ...user, name: `${user.pool}-user-at-${place}` }));
  for (const user of users) {
    const id = randomUUID();
    await waitFor(`the users of ${user.pool} at ${place}`, () =>
      client.importUsers(user.pool, { id, csv: () => Readable.from([usersCsv([user])]) }),
    );
  }
  return users.map((user) => ({ user, addresses: addressesOf(topology, user.pool) }));
}
