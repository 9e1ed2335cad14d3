import type { DigestAlgorithm } from '@understudy/api';
import type { RoutingGroupName } from '@understudy/core';
import type { Statement } from './open-database.ts';

/** A user as the role keeps one in memory. */
export type KnownUser = {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly group: RoutingGroupName;
  /** H(A1) by algorithm: secret, never logged. */
  readonly ha1: { readonly [algorithm in DigestAlgorithm]?: string };
};

export type UserRow = {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly routing_group: string;
  readonly md5: string | null;
  readonly sha256: string | null;
  readonly sha512_256: string | null;
};

// Users of an import that is not done are not there yet (decisions/0018): visible_users sees to it.
const selectUsers = `
  select u.id, u.name, u.display_name, u.routing_group,
         max(c.ha1) filter (where c.algorithm = 'MD5') as md5,
         max(c.ha1) filter (where c.algorithm = 'SHA-256') as sha256,
         max(c.ha1) filter (where c.algorithm = 'SHA-512-256') as sha512_256
    from understudy.visible_users u
    left join app.credentials c on c.user_id = u.id and c.realm = $1`;
const groupUsers = 'group by u.id, u.name, u.display_name, u.routing_group';

export const findUser: Statement = {
  name: 'find_user',
  text: `${selectUsers} where u.name = $2 ${groupUsers}`,
};

/** A page of a routing group's users: realm, group, last name of the page before, rows. */
export const loadGroup: Statement = {
  name: 'load_group',
  text: `
    ${selectUsers}
    join (select id from understudy.visible_users
           where routing_group = $2 and name > $3 order by name limit $4) page on page.id = u.id
   ${groupUsers} order by u.name`,
};

export function knownUserOf(row: UserRow): KnownUser {
  const { id, name } = row;
  return {
    id,
    name,
    displayName: row.display_name,
    group: row.routing_group as RoutingGroupName,
    ha1: {
      ...(row.md5 !== null && { MD5: row.md5 }),
      ...(row.sha256 !== null && { 'SHA-256': row.sha256 }),
      ...(row.sha512_256 !== null && { 'SHA-512-256': row.sha512_256 }),
    },
  };
}
