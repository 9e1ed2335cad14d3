import { readMigrations } from './read-migrations.ts';

/** The schema of a copy, level by level. Read once: the files belong to this build. */
export const copyMigrations = readMigrations(new URL('../../migrations/', import.meta.url));

/** The newest level that this build knows. */
export const migrationNewest = copyMigrations.length;
