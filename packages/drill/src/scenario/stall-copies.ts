import type { Client } from 'pg';
import { bounds } from '../bounds.ts';
import { connect, databaseOf } from '../check/copy-database.ts';
import { nowMs } from '../measure/instant.ts';
import { rest } from '../users/pace.ts';
import type { DrillContext } from './drill-context.ts';

// A copy that falls behind, as one on a slow disk does: a lock keeps its apply worker waiting, and
// nothing of the product is asked. What has arrived and was not applied is lost with the worker.

export type Stalled = {
  /** To be called when the source is dead: ends the apply with all that it had received. */
  end(): Promise<void>;
};

/** Keeps the copies of a pool's datasets away from `site` from applying anything. */
export async function stallCopies(
  context: DrillContext,
  { pool, site }: { readonly pool: string; readonly site: string },
): Promise<Stalled> {
  const { accounting, deployment } = context;
  const { servers, stores } = deployment.topology;
  const isAway = (store: string): boolean => {
    const server = stores.find(({ name }) => name === store)?.server;
    return servers.find(({ name }) => name === server)?.site !== site;
  };
  const clients: Client[] = [];
  for (const copies of accounting.pools.filter((each) => each.pool === pool)) {
    for (const store of copies.stores.filter(isAway)) {
      const place = { store, database: databaseOf(copies.dataset) };
      const client = await connect(accounting.stores, place);
      if (client === undefined) throw new Error(`${store} does not answer`);
      clients.push(client);
      await client.query(`BEGIN; LOCK TABLE app.messages, app.contacts IN EXCLUSIVE MODE`);
    }
  }
  return {
    end: async () => {
      for (const client of clients) await endApply(context, client);
    },
  };
}

async function endApply({ signal }: DrillContext, client: Client): Promise<void> {
  const deadlineMs = nowMs() + bounds.sqlMs;
  try {
    // The launcher starts another, which finds nobody to connect to.
    for (let left = 1; left > 0 && nowMs() < deadlineMs; ) {
      const { rows } = await client.query(endSql);
      left = rows.length;
      if (left > 0) await rest(bounds.pollMs / 10, signal);
    }
    await client.query('ROLLBACK');
  } finally {
    await client.end().catch(() => undefined);
  }
}

const endSql = `
  SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'
     AND a.backend_type LIKE 'logical replication%'`;
