import { type Migration, readMigrations } from './read-migrations.ts';

/** The schema of a copy, level by level. Read once: the files belong to this build. */
export const copyMigrations: readonly Migration[] = readMigrations(
  new URL('../../migrations/', import.meta.url),
);
