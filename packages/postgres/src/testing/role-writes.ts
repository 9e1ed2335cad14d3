import type { Generation } from '@understudy/core';
import type { OpenSession } from './open-session.ts';
import { generation } from './two-stores.ts';

type WrittenUser = {
  readonly name: string;
  readonly displayName: string;
  readonly generation: Generation;
};

export const aUser = (name: string, number = 1): WrittenUser => ({
  name,
  displayName: name,
  generation: generation(number),
});

/** A write as a role does it: the gate first, then a user, in one READ COMMITTED transaction. */
export async function writeUser(
  session: Pick<OpenSession, 'query'>,
  user: WrittenUser,
): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await session.query('SELECT understudy.check_gate($1)', [user.generation]);
  await session.query(insertUserSql, [user.name, user.displayName, user.generation]);
  await session.query('COMMIT');
}

export const insertUserSql = `
  INSERT INTO app.users (id, name, display_name, routing_group, created_at, changed_generation)
  VALUES (gen_random_uuid(), $1, $2, 'g1', now(), $3)
  ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name`;
