import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** One step of a schema: applied once, in one transaction, in the order of its level. */
export type Migration = {
  readonly level: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
};

const fileName = /^(\d{6})-([a-z0-9-]+)\.sql$/;

/** Reads a folder of `000001-what-it-does.sql`; throws when a level is missing or twice there. */
export function readMigrations(folder: URL): readonly Migration[] {
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readMigration(folder, file));
  migrations.forEach(({ level, name }, index) => {
    if (level !== index + 1)
      throw new Error(`migration ${name} has level ${level}, not ${index + 1}`);
  });
  return migrations;
}

function readMigration(folder: URL, file: string): Migration {
  const [, level, name] = fileName.exec(file) ?? [];
  if (level === undefined || name === undefined) {
    throw new Error(`${file} is not named like 000001-what-it-does.sql`);
  }
  const sql = readFileSync(new URL(file, folder), 'utf8');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { level: Number(level), name, sql, checksum };
}
