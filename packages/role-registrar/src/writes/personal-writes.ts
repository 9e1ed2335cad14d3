import type { Generation } from '@understudy/core';
import { idFrom } from '../data/id-from.ts';
import type { Database, Statement } from '../data/open-database.ts';
import { createBatches, type Batches } from './batch-writes.ts';

// Contacts, groups and settings: one statement is one transaction, and its check of the gate is a
// CTE that the write refers to: one that nothing refers to would never be executed (E3).
// $1 is the generation; the others are arrays of one length, a row across them.

export type ContactRow = {
  readonly id: string;
  readonly userId: string;
  readonly groupId: string | null;
  readonly uri: string;
  readonly displayName: string;
};
export type GroupRow = { readonly id: string; readonly userId: string; readonly name: string };
export type SettingRow = {
  readonly userId: string;
  readonly key: string;
  /** As JSON text. */
  readonly value: string;
};
export type OwnedRow = { readonly id: string; readonly userId: string };
export type OwnedSetting = { readonly userId: string; readonly key: string };

/** Each resolves with true once it is durable; undefined: the id is not this user's to write. */
export type PersonalWrites = {
  readonly putContact: Batches<ContactRow, true>;
  readonly removeContact: Batches<OwnedRow, true>;
  readonly putGroup: Batches<GroupRow, true>;
  readonly removeGroup: Batches<OwnedRow, true>;
  readonly putSetting: Batches<SettingRow, true>;
  readonly removeSetting: Batches<OwnedSetting, true>;
};

const gate = 'gate as (select understudy.check_gate($1::bigint) as is_open)';

export const putContact: Statement = {
  name: 'put_contact',
  text: `
    with ${gate}, asked as (
      select * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
        as t(id, user_id, group_id, uri, display_name))
    insert into app.contacts as c (id, user_id, group_id, uri, display_name)
    select a.id, a.user_id, a.group_id, a.uri, a.display_name
      from asked a cross join gate
      left join app.contact_groups g on g.id = a.group_id and g.user_id = a.user_id
     where gate.is_open and (a.group_id is null or g.id is not null)
     order by a.id
    on conflict (id) do update
       set group_id = excluded.group_id, uri = excluded.uri, display_name = excluded.display_name
     where c.user_id = excluded.user_id
    returning c.id::text as key`,
};

export const putGroup: Statement = {
  name: 'put_group',
  text: `
    with ${gate}
    insert into app.contact_groups as g (id, user_id, name)
    select a.id, a.user_id, a.name
      from unnest($2::uuid[], $3::uuid[], $4::text[]) as a(id, user_id, name) cross join gate
     where gate.is_open order by a.id
    on conflict (id) do update set name = excluded.name where g.user_id = excluded.user_id
    returning g.id::text as key`,
};

export const putSetting: Statement = {
  name: 'put_setting',
  text: `
    with ${gate}
    insert into app.settings as s (id, user_id, key, value)
    select a.id, a.user_id, a.key, a.value::jsonb
      from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) as a(id, user_id, key, value)
      cross join gate
     where gate.is_open order by a.id
    on conflict (user_id, key) do update set value = excluded.value
    returning s.user_id || ' ' || s.key as key`,
};

/** Removing what is not there is done (E13), so every row that was asked for is answered. */
export const remove = (table: 'contacts' | 'contact_groups'): Statement => ({
  name: `remove_${table}`,
  text: `
    with ${gate}, asked as (select * from unnest($2::uuid[], $3::uuid[]) as t(id, user_id)),
    gone as (
      delete from app.${table} d using asked a, gate
       where gate.is_open and d.id = a.id and d.user_id = a.user_id)
    select a.id::text as key from asked a cross join gate where gate.is_open`,
});

export const removeSetting: Statement = {
  name: 'remove_setting',
  text: `
    with ${gate}, asked as (select * from unnest($2::uuid[], $3::text[]) as t(user_id, key)),
    gone as (
      delete from app.settings d using asked a, gate
       where gate.is_open and d.user_id = a.user_id and d.key = a.key)
    select a.user_id || ' ' || a.key as key from asked a cross join gate where gate.is_open`,
};

const settingKey = ({ userId, key }: OwnedSetting) => `${userId} ${key}`;

export function createPersonalWrites(database: Database, generation: Generation): PersonalWrites {
  const batches = <Row>(
    statement: Statement,
    keyOf: (row: Row) => string,
    columns: readonly ((row: Row) => unknown)[],
  ) =>
    createBatches<Row, true>({
      keyOf,
      runBatch: async (rows) => {
        const values = [generation, ...columns.map((column) => rows.map(column))];
        const done = await database.write((session) =>
          session.query<{ readonly key: string }>(statement, values),
        );
        return new Map(done.map(({ key }) => [key, true]));
      },
    });
  const ownedColumns = [(row: OwnedRow) => row.id, (row: OwnedRow) => row.userId];
  const idOf = ({ id }: OwnedRow) => id;
  return {
    putContact: batches<ContactRow>(putContact, idOf, [
      ...ownedColumns,
      (row) => row.groupId,
      (row) => row.uri,
      (row) => row.displayName,
    ]),
    putGroup: batches<GroupRow>(putGroup, idOf, [...ownedColumns, (row) => row.name]),
    removeContact: batches<OwnedRow>(remove('contacts'), idOf, ownedColumns),
    removeGroup: batches<OwnedRow>(remove('contact_groups'), idOf, ownedColumns),
    putSetting: batches<SettingRow>(putSetting, settingKey, [
      settingId,
      (row) => row.userId,
      (row) => row.key,
      (row) => row.value,
    ]),
    removeSetting: batches<OwnedSetting>(removeSetting, settingKey, [
      (row) => row.userId,
      (row) => row.key,
    ]),
  };
}

/** The row's id grows from user and key, so that both sites give the same setting the same id. */
export const settingId = ({ userId, key }: OwnedSetting) => idFrom(`${userId} ${key}`);
