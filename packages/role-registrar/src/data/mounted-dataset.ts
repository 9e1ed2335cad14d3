import type { RoleMount, RolePool, RoutingGroupName } from '@understudy/core';
import { createMessageWrites } from '../writes/send-messages.ts';
import { createPersonalWrites } from '../writes/personal-writes.ts';
import { type Database, openDatabase } from './open-database.ts';
import { createUserDirectory, type UserDirectory } from './user-directory.ts';

/** One mount of one dataset under one generation, with everything that ends when it does. */
export type MountedDataset = {
  readonly mount: RoleMount;
  readonly database: Database;
  readonly users: UserDirectory;
  readonly messages: ReturnType<typeof createMessageWrites>;
  readonly personal: ReturnType<typeof createPersonalWrites>;
  /** False once it was ended or its deadline has passed: then nothing may be answered (E12). */
  isLive(): boolean;
  renew(deadlineMs: number): void;
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
  readonly onIdleError: (error: Error) => void;
};

/** The system's time since boot is read in hundredths of a second (proc(5), /proc/uptime). */
const clockStepMs = 10;

export function openMount(options: MountOptions): MountedDataset {
  const { mount, realm, bootMs, connectionsMax, usersMax, onIdleError } = options;
  const database = openDatabase({ url: mount.url, connectionsMax, onIdleError });
  const messages = createMessageWrites(database, mount.generation);
  const personal = createPersonalWrites(database, mount.generation);
  let { deadlineMs } = mount;
  let isEnded = false;
  return {
    mount,
    database,
    users: createUserDirectory({ database, realm, usersMax, clockMs: () => performance.now() }),
    messages,
    personal,
    isLive: () => !isEnded && bootMs() + clockStepMs < deadlineMs,
    renew: (next) => {
      deadlineMs = next;
    },
    deadlineMs: () => deadlineMs,
    end: async () => {
      if (isEnded) return;
      isEnded = true;
      for (const batches of [messages, ...Object.values(personal)]) batches.close();
      await database.close();
    },
  };
}

/** Lasting changes are refused while a pool's data is on its way. */
export function takesChanges({ state }: RolePool): boolean {
  return state === 'active' || state === 'failedOver';
}

/** Which of `groups` still have to be loaded before their users are served. */
export function unhydrated(mounted: MountedDataset): readonly RoutingGroupName[] {
  return mounted.mount.routingGroups.filter((group) => !mounted.users.isHydrated(group));
}
