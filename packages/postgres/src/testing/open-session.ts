import type { TestContext } from 'node:test';
import { Client } from 'pg';
import type { DatasetName } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { withDatabase } from '../connect/database-url.ts';
import type { Side } from './two-stores.ts';

/** A session that a test leads step by step; its errors are PostgreSQL's own. */
export type OpenSession = Pick<Session, 'query'> & { readonly pid: number };

export async function openSession(t: TestContext, url: string): Promise<OpenSession> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {}); // The server ends it in some tests.
  await client.connect();
  t.after(() => client.end().catch(() => undefined));
  const query = async <Row>(sql: string, values: readonly unknown[] = []) =>
    (await client.query(sql, [...values])).rows as readonly Row[];
  const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { query, pid: row?.pid ?? 0 };
}

/** As a role of the product. */
export async function openRole(
  t: TestContext,
  side: Side,
  dataset: DatasetName,
): Promise<OpenSession> {
  return openSession(t, await side.engine.roleUrl(dataset));
}

/** As the administrator. */
export function openAdmin(t: TestContext, side: Side, database: string): Promise<OpenSession> {
  return openSession(t, withDatabase(side.server.url('postgres'), database));
}
