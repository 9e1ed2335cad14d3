import { insideOfGate } from '../fence/inside-of-gate.ts';

/** The write transactions of this database inside of the gate (E3). */
export const insideSql = `
  SELECT DISTINCT l.virtualtransaction AS inside FROM pg_locks l
   WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND ${insideOfGate}`;
