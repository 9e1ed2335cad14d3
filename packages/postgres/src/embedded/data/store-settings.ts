import { randomUUID } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type SettingValue = string | number | boolean;

/** PostgreSQL settings by name; a caller's stand above the launcher's. */
export type Settings = Readonly<Record<string, SettingValue>>;

/** Sized for 16 datasets in one store, each with two further copies and room for a seed. */
const replication: Settings = {
  wal_level: 'logical',
  max_replication_slots: 64,
  max_wal_senders: 64,
  max_logical_replication_workers: 48,
  max_sync_workers_per_subscription: 2,
  max_worker_processes: 64,
  // A dead partner is noticed, and a returning one found, within seconds.
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_retrieve_retry_interval: '200ms',
  // A3: the tail stays until it is read; a caller who wants a limit says so.
  max_slot_wal_keep_size: -1,
  // E8: prepared transactions would hold a slot back for as long as they stand.
  max_prepared_transactions: 0,
};

/** An idle deployment has two stores; their memory is most of its memory. */
const memory: Settings = {
  shared_buffers: '32MB',
  wal_buffers: '4MB',
  max_connections: 100,
  jit: false,
  autovacuum_max_workers: 2,
};

const rest: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  logging_collector: false,
  log_line_prefix: '%m [%p] %d ',
  log_checkpoints: false,
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Settings that older PostgreSQL does not know and would refuse to start with. */
function forVersion(majorVersion: number): Settings {
  // From 18 on, origins (one per subscription) have a limit of their own, 10 unless told, and
  // reading ahead has processes of its own, which an idle store need not keep.
  return majorVersion >= 18 ? { max_active_replication_origins: 64, io_method: 'sync' } : {};
}

export type SettingsInput = { readonly majorVersion: number; readonly settings?: Settings };

/** The text of the settings file for this version, the caller's settings last. */
export function settingsText({ majorVersion, settings }: SettingsInput): string {
  const all = { ...replication, ...memory, ...rest, ...forVersion(majorVersion), ...settings };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${quoted(value)}\n`);
  return `# Written by Understudy at every start.\n${lines.join('')}`;
}

function quoted(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return `'${String(value).replaceAll("'", "''")}'`;
}

const settingsFile = 'understudy.conf';

/** What initdb's postgresql.conf ends with, so that the settings file has the last word. */
export const includeSettings = `\ninclude = '${settingsFile}'\n`;

/** Writes the settings file if it differs; says whether it did. */
export async function writeSettings(pgdata: string, input: SettingsInput): Promise<boolean> {
  const path = join(pgdata, settingsFile);
  const text = settingsText(input);
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false;
  const draft = `${path}.new-${randomUUID()}`;
  await writeFile(draft, text);
  await chmod(draft, 0o644); // PostgreSQL may be another user, and our umask a strict one.
  await rename(draft, path);
  return true;
}

/** No trust and no peer: every way in asks for the password. Local lines stand for sockets. */
export const hostBasedAuthentication = `# Written by Understudy: passwords everywhere, no trust.
# TYPE  DATABASE     USER  ADDRESS        METHOD
local   all          all                  scram-sha-256
local   replication  all                  scram-sha-256
host    all          all   127.0.0.1/32   scram-sha-256
host    all          all   ::1/128        scram-sha-256
host    replication  all   127.0.0.1/32   scram-sha-256
host    replication  all   ::1/128        scram-sha-256
`;
