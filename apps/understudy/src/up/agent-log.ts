import { open, rename, stat } from 'node:fs/promises';
import { bounds } from './bounds.ts';

/** How much of a log's end is looked through for its last words. */
const tailBytes = 4096;
/** Pino's number for a warning. */
const warnLevel = 40;

/** Opens the log to append; one that has grown too long is put aside as `.1` first. */
export async function openLog(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > bounds.logBytesMax) await rename(path, `${path}.1`);
  return await open(path, 'a', 0o600);
}

/** Why a process ended, from the last line of its log; empty when that is no complaint. */
export async function lastComplaint(path: string): Promise<string> {
  const line = await lastLine(path);
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: number; readonly msg?: string };
    return (level ?? 0) >= warnLevel ? `: ${msg}` : '';
  } catch {
    return line === '' ? '' : `: ${line}`; // Plain words: it did not come so far as to log.
  }
}

async function lastLine(path: string): Promise<string> {
  const log = await open(path, 'r').catch(() => undefined);
  if (log === undefined) return '';
  try {
    const { size } = await log.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await log.read({
      buffer: Buffer.alloc(tailBytes),
      position: start,
    });
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines.at(-1) ?? '';
  } finally {
    await log.close();
  }
}
