import { appendFile, chmod, chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@understudy/postgres';

// A program: starts the PostgreSQL of one place, as the place's operator would run it: on all its
// addresses, from elsewhere over TLS alone. It is run at that place, and PostgreSQL outlives it.

const [dataDir, port, certificates] = process.argv.slice(2);
if (dataDir === undefined || port === undefined || certificates === undefined) {
  throw new Error('start-store FOLDER PORT CERTIFICATES');
}

const listening = { listen_addresses: '*' };
const store = await startEmbeddedPostgres({ dataDir, port: Number(port), settings: listening });
if (!(await hasKey(store))) await placeKey(store, certificates);
// Adopted, and told of the setting: TLS needs no restart (PostgreSQL manual, 19.9).
const settings = { ...listening, ssl: true };
await startEmbeddedPostgres({ dataDir, port: Number(port), settings });
process.stdout.write(store.superuserPassword);

async function hasKey({ pgdata }: EmbeddedPostgres): Promise<boolean> {
  return await stat(join(pgdata, 'server.key')).then(
    () => true,
    () => false,
  );
}

async function placeKey({ pgdata }: EmbeddedPostgres, folder: string): Promise<void> {
  const { uid, gid } = await stat(pgdata);
  for (const [from, to] of [
    ['cert.pem', 'server.crt'],
    ['key.pem', 'server.key'],
  ] as const) {
    const file = join(pgdata, to);
    await copyFile(join(folder, from), file);
    await chown(file, uid, gid);
    await chmod(file, 0o600);
  }
  await appendFile(join(pgdata, 'pg_hba.conf'), 'hostssl all all 10.77.0.0/24 scram-sha-256\n');
}
