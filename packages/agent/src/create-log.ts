import type { Log } from '@understudy/ports';
import { destination, pino } from 'pino';

/** One JSON line per sentence on standard output, written before `say` returns. */
export function createLog(level: string): Log {
  const lines = pino({ level, base: null }, destination({ dest: 1, sync: true }));
  return { say: (at, sentence, fields = {}) => lines[at](fields, sentence) };
}
