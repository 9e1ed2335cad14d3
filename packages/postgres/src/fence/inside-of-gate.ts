/** Of a row `l` of pg_locks: who has it is inside of the gate, for writes share its lock (E3). */
export const insideOfGate = `l.locktype = 'advisory' AND l.mode = 'ShareLock' AND l.granted
     AND l.classid = 21331 AND l.objid = 1 AND l.objsubid = 2`;
