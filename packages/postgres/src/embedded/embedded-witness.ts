import { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.ts';

/** It keeps a row for each dataset and answers a few agents. */
const settings = { shared_buffers: '1MB', max_connections: 30, max_wal_senders: 0 };

/**
 * Starts or adopts an embedded witness: a PostgreSQL that votes and holds no copy. It outlives this
 * process, as every embedded store does.
 */
export function startEmbeddedWitness(options: {
  readonly dataDir: string;
  /** 0: the port of the last start, else a free one. */
  readonly port: number;
}): Promise<EmbeddedPostgres> {
  const { dataDir, port } = options;
  return startEmbeddedPostgres({ dataDir, port: port === 0 ? undefined : port, settings });
}
