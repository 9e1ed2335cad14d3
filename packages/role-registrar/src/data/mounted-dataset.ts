import type { RoleMount, RolePool, RolePreparation, RoutingGroupName } from '@understudy/core';
import { isSameContact } from '../bindings/is-same-contact.ts';
import { systemChance } from '@understudy/ports/system';
import type { Binding } from '../bindings/binding.ts';
import {
  type BindingWrites,
  createBindingWrites,
  readBindings,
} from '../bindings/binding-writes.ts';
import { createMessageWrites, sendNothing } from '../writes/send-messages.ts';
import { createPersonalWrites } from '../writes/personal-writes.ts';
import { type Database, openDatabase } from './open-database.ts';
import { createUserDirectory, type UserDirectory } from './user-directory.ts';

/** One mount of one dataset under one generation, with everything that ends when it does. */
export type MountedDataset = {
  /** Users are served in full. */
  readonly limited: undefined;
  /** As the agent told it last. */
  readonly mount: RoleMount;
  readonly database: Database;
  readonly users: UserDirectory;
  readonly messages: ReturnType<typeof createMessageWrites>;
  readonly personal: ReturnType<typeof createPersonalWrites>;
  readonly bindings: BindingWrites;
  /** The user's phones that are signed in now, those liked best first. */
  bindingsOf(userId: string, nowMs: number): Promise<readonly Binding[]>;
  /** False once it was ended or its deadline has passed: then nothing may be answered (E12). */
  isLive(): boolean;
  /** Another deadline, or other routing groups, of the same mount. */
  renew(mount: RoleMount): void;
  deadlineMs(): number;
  /** Answers nothing from now on; connections are closed behind it. */
  end(): Promise<void>;
};

export type MountOptions = {
  readonly mount: RoleMount;
  readonly realm: string;
  readonly bootMs: () => number;
  readonly connectionsMax: number;
  readonly usersMax: number;
  /** Phones that one user may have registered. */
  readonly bindingsMax: number;
  readonly onIdleError: (error: Error) => void;
  /** What was read ahead of this mount. */
  readonly prepared?: PreparedDataset | undefined;
};

/** Connections to a copy that is not mounted here, and its users as they were read there. */
export type PreparedDataset = {
  readonly preparation: RolePreparation;
  readonly database: Database;
  readonly users: UserDirectory;
  readonly preparedAtMs: number;
};

type PassiveOptions = Omit<MountOptions, 'mount' | 'prepared'> & {
  readonly mount: RolePreparation;
};

/** Opens connections and reads all users ahead of a mount. */
export async function prepareDataset(options: PassiveOptions): Promise<PreparedDataset> {
  const { database, users } = openPassive(options);
  try {
    await database.warm([sendNothing]);
    await users.hydrate(options.mount.routingGroups);
  } catch (error) {
    await database.close();
    throw error;
  }
  return { preparation: options.mount, database, users, preparedAtMs: options.bootMs() };
}

export function openPassive({
  mount,
  realm,
  bootMs,
  connectionsMax,
  usersMax,
  onIdleError,
}: PassiveOptions) {
  const database = openDatabase({ url: mount.url, connectionsMax, onIdleError });
  // What was read before a machine slept is as old as it is (decisions/0046).
  const users = createUserDirectory({ database, realm, usersMax, clockMs: bootMs });
  return { database, users };
}

/** Before a deadline, by a clock that is read in hundredths of a second (proc(5), /proc/uptime). */
export function isBefore(deadlineMs: number, bootMs: number): boolean {
  return bootMs + clockStepMs < deadlineMs;
}
const clockStepMs = 10;

export function openMount(options: MountOptions): MountedDataset {
  const { bootMs, bindingsMax } = options;
  let { mount } = options;
  const { database, users } = options.prepared ?? openPassive(options);
  users.mounted(); // Read ahead of the fence, its users may have changed since (U1).
  const messages = createMessageWrites(database, mount.generation);
  const personal = createPersonalWrites(database, mount.generation);
  const bindings = createBindingWrites(database, mount.generation, {
    bindingsMax,
    isSameUri: isSameContact,
    newId: () => systemChance.uuid(),
    nowMs: () => Date.now(),
  });
  let isEnded = false;
  return {
    limited: undefined,
    get mount() {
      return mount;
    },
    database,
    users,
    messages,
    personal,
    bindings,
    bindingsOf: (userId, nowMs) => readBindings(database, userId, nowMs),
    isLive: () => !isEnded && isBefore(mount.deadlineMs, bootMs()),
    renew: (next) => {
      const { routingGroups, owners } = isTakenBack(mount, next) ? mount : next;
      const gone = mount.routingGroups.filter((group) => !routingGroups.includes(group));
      users.release(gone);
      mount = { ...next, routingGroups, ...(owners !== undefined && { owners }) };
    },
    deadlineMs: () => mount.deadlineMs,
    end: async () => {
      if (isEnded) return;
      isEnded = true;
      for (const batches of [messages, bindings, ...Object.values(personal)]) batches.close();
      await database.close();
    },
  };
}

/** Within a mount, who owns groups is decided by numbers that grow. */
function isTakenBack(known: RoleMount, next: RoleMount): boolean {
  return (next.owners?.number ?? 0) < (known.owners?.number ?? 0);
}

/** Lasting changes are refused while a pool's data is on its way. */
export function takesChanges({ state }: Pick<RolePool, 'state'>): boolean {
  return state === 'active' || state === 'failedOver';
}

/** Which of `groups` still have to be loaded before their users are served. */
export function unhydrated(mounted: MountedDataset): readonly RoutingGroupName[] {
  return mounted.mount.routingGroups.filter((group) => !mounted.users.isHydrated(group));
}
