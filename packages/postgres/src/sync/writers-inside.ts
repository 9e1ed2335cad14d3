/** The write transactions of this database inside of the gate (E3): who shares its lock. */
export const insideSql = `
  SELECT DISTINCT virtualtransaction AS inside FROM pg_locks
   WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND locktype = 'advisory' AND mode = 'ShareLock' AND granted
     AND classid = 21331 AND objid = 1 AND objsubid = 2`;
