import { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.ts';

/** It keeps a row for each dataset, answers a few agents, and nobody follows it. */
const settings = {
  shared_buffers: '1MB',
  wal_buffers: '256kB',
  wal_level: 'minimal',
  max_connections: 30,
  max_wal_senders: 0,
  max_replication_slots: 0,
  max_logical_replication_workers: 0,
  max_worker_processes: 1,
  autovacuum_max_workers: 1,
};

/**
 * Starts or adopts an embedded witness: a PostgreSQL that votes and holds no copy. It outlives this
 * process, as every embedded store does.
 */
export function startEmbeddedWitness(options: {
  readonly dataDir: string;
  /** 0: the port of the last start, else a free one. */
  readonly port: number;
  /** Gives up the start; a witness that is up does not hear it. */
  readonly signal?: AbortSignal;
}): Promise<EmbeddedPostgres> {
  const { port, ...rest } = options;
  return startEmbeddedPostgres({ ...rest, port: port === 0 ? undefined : port, settings });
}
