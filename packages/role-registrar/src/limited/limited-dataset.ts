import type { RoleLimited } from '@understudy/core';
import { systemChance } from '@understudy/ports/system';
import type { Binding } from '../bindings/binding.ts';
import type { BindingWrites } from '../bindings/binding-writes.ts';
import { isSameContact } from '../bindings/is-same-contact.ts';
import {
  isBefore,
  type MountedDataset,
  type MountOptions,
  openPassive,
} from '../data/mounted-dataset.ts';
import type { Database } from '../data/open-database.ts';
import type { UserDirectory } from '../data/user-directory.ts';
import { notServing, unknownOutcome } from '../problem.ts';
import type { PersonalWrites } from '../writes/personal-writes.ts';
import { createGuestWrites, type GuestPlaces, readGuestBindings } from './guest-bindings.ts';
import { createQueueWrites, type QueueWrites } from './queue-writes.ts';
import { queuedMessages, queuedPersonal, refuseQueued } from './queued-changes.ts';

/**
 * A pool in limited mode: its users are read from the passive copy on this server, and what they
 * change is kept in the dataset of the pool that this server serves (decisions/0034). Live only
 * while that one is mounted here.
 */
export type LimitedDataset = {
  readonly limited: RoleLimited;
  readonly mount: RoleLimited;
  readonly database: Pick<Database, 'read'>;
  readonly users: UserDirectory;
  readonly messages: MountedDataset['messages'];
  readonly personal: PersonalWrites;
  readonly bindings: Pick<BindingWrites, 'submit'>;
  bindingsOf(userId: string, nowMs: number): Promise<readonly Binding[]>;
  isLive(): boolean;
  /** The same copy under a newer word: deadline, state and reason. */
  renew(limited: RoleLimited): void;
  end(): Promise<void>;
};

export type LimitedOptions = Omit<MountOptions, 'mount' | 'prepared'> & {
  readonly limited: RoleLimited;
  /** The mount that changes are kept in, while it is live. */
  readonly own: () => MountedDataset | undefined;
};

type Writes = { readonly guests: BindingWrites; readonly queue: QueueWrites };

export function openLimited(options: LimitedOptions): LimitedDataset {
  const { own, bootMs, bindingsMax } = options;
  let { limited } = options;
  let isEnded = false;
  const { database, users } = openPassive({ ...options, mount: limited });
  const { pool } = limited;
  const placesIn = ({ database: into, mount }: MountedDataset): GuestPlaces => ({
    pool,
    passive: database,
    own: { database: into, generation: mount.generation },
  });
  // A mount of another generation has writes of its own.
  const opened = new WeakMap<MountedDataset, Writes>();
  const writesIn = (mounted: MountedDataset): Writes => {
    const known = opened.get(mounted);
    if (known !== undefined) return known;
    const bounds = { bindingsMax, isSameUri: isSameContact, newId, nowMs: () => Date.now() };
    const writes = {
      guests: createGuestWrites(placesIn(mounted), bounds),
      queue: createQueueWrites(mounted.database, mounted.mount.generation, pool),
    };
    opened.set(mounted, writes);
    return writes;
  };
  const demandOwn = (): MountedDataset => {
    const mounted = own();
    if (mounted !== undefined) return mounted;
    throw notServing('nothing can be kept here now: the dataset for it is not mounted');
  };
  /** E12: what was written counts only while the mount that took it is live. */
  const written = async <Answer>(write: (writes: Writes) => Promise<Answer>): Promise<Answer> => {
    const mounted = demandOwn();
    const answer = await write(writesIn(mounted));
    if (mounted.isLive()) return answer;
    throw unknownOutcome('the right to keep it here ended meanwhile');
  };
  const enqueue = async (row: Parameters<QueueWrites['submit']>[0]): Promise<void> =>
    refuseQueued(await written(({ queue }) => queue.submit(row)));
  return {
    get limited() {
      return limited;
    },
    get mount() {
      return limited;
    },
    database,
    users,
    messages: queuedMessages(
      enqueue,
      async (name) => (await users.find(name, ageMsMax)) !== undefined,
    ),
    personal: queuedPersonal(enqueue),
    bindings: { submit: (row) => written(({ guests }) => guests.submit(row)) },
    bindingsOf: (userId, nowMs) => readGuestBindings(placesIn(demandOwn()), userId, nowMs),
    isLive: () => !isEnded && isBefore(limited.deadlineMs, bootMs()) && own() !== undefined,
    renew: (next) => {
      limited = next;
    },
    end: async () => {
      if (isEnded) return;
      isEnded = true;
      await database.close();
    },
  };
}

/** How old knowledge of a user may be; a passive copy may be older than that by itself. */
const ageMsMax = 60_000;
const newId = () => systemChance.uuid();

/**
 * Whether both are of the same copy: then only the word about it is newer, also where home has
 * mounted again under another generation.
 */
export function isSameLimited(one: RoleLimited, other: RoleLimited): boolean {
  return (
    one.id === other.id &&
    one.dataset === other.dataset &&
    one.pool === other.pool &&
    one.url === other.url &&
    one.queueIn === other.queueIn &&
    one.routingGroups.join() === other.routingGroups.join()
  );
}
