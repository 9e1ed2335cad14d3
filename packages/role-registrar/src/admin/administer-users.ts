import type { NewUserRequest, UserDetail, UserPage, UserSummary } from '@understudy/api';
import type { RolePool } from '@understudy/core';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { notServing, Problem } from '../problem.ts';
import { groupOf } from '../data/group-of.ts';
import { credentialsOf } from './credentials.ts';
import { systemChance } from '@understudy/ports/system';
import { addUser, countUsers, listUsers, removeUser, showUser } from './user-statements.ts';

export type Administered = {
  readonly pool: RolePool;
  readonly mounted: MountedDataset;
  readonly realm: string;
};

/** Adds a user. The same id again does nothing twice (E13); a taken name is refused. */
export async function addOneUser(at: Administered, user: NewUserRequest): Promise<UserDetail> {
  const { pool, mounted, realm } = at;
  const id = user.id.toLowerCase();
  const known = await findOneUser(at, user.name);
  if (known !== undefined) return sameOrRefuse(known, id);
  await checkRoom(at, 1);
  const credentials = credentialsOf(user, realm);
  const added = await mounted.database.write((session) =>
    session.query<{ readonly id: string }>(addUser, [
      mounted.mount.generation,
      id,
      user.name,
      user.displayName,
      groupOf(user.name, pool, mounted),
      realm,
      credentials.map(() => systemChance.uuid()),
      credentials.map(({ algorithm }) => algorithm),
      credentials.map(({ ha1 }) => ha1),
    ]),
  );
  mounted.users.forget(user.name);
  const made = await findOneUser(at, user.name);
  if (made === undefined || (added.length === 0 && made.id !== id)) throw taken(user.name);
  return made;
}

function sameOrRefuse(known: UserDetail, id: string): UserDetail {
  if (known.id === id) return known;
  throw taken(known.name);
}

function taken(name: string): Problem {
  const todo = 'choose another name, or remove that user first; an import may be bringing it in';
  return new Problem('refused', { what: `name or id of ${name} is taken`, where: 'name', todo });
}

/** Removes a user with contacts, groups, settings and mailbox. Repeating it is harmless. */
export async function removeOneUser({ mounted }: Administered, name: string): Promise<boolean> {
  const gone = await mounted.database.write((session) =>
    session.query(removeUser, [mounted.mount.generation, name]),
  );
  mounted.users.forget(name);
  return gone.length > 0;
}

export async function listSomeUsers(
  { mounted }: Administered,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<UserPage> {
  const rows = await mounted.database.read<UserSummary>(listUsers, [after, limit + 1]);
  const users = rows.slice(0, limit);
  const last = users.at(-1);
  return { users, ...(rows.length > limit && last !== undefined && { next: last.name }) };
}

export async function findOneUser(
  { mounted, realm }: Administered,
  name: string,
): Promise<UserDetail | undefined> {
  type Row = Omit<UserDetail, 'createdAt'> & { readonly createdAt: Date };
  const [row] = await mounted.database.read<Row>(showUser, [name, realm]);
  return row === undefined ? undefined : { ...row, createdAt: row.createdAt.toISOString() };
}

/** Throws when the pool has no room for `more` users (topology: a pool's `users`). */
export async function checkRoom({ pool, mounted }: Administered, more: number): Promise<void> {
  const { usersMax } = pool;
  if (usersMax === undefined) return;
  const [row] = await mounted.database.read<{ readonly users: number }>(countUsers, []);
  const users = row?.users ?? 0;
  if (users + more <= usersMax) return;
  throw new Problem('refused', {
    what: `pool ${pool.pool} is for ${usersMax} users; it has ${users}, ${more} more would come`,
    where: `pools.${pool.pool}.users`,
    todo: 'remove users, or raise the number in the topology of both sites',
  });
}

/** Throws when the mount ended: what was read may not be said any more (E12). */
export function stillLive<Answer>({ mounted }: Administered, answer: Answer): Answer {
  if (mounted.isLive()) return answer;
  throw notServing('the pool was closed here meanwhile; whether it was done is unknown');
}
