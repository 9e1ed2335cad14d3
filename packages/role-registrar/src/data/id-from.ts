import { createHash } from 'node:crypto';

/**
 * An id that grows from what it names, so that both sites give the same thing the same one
 * (a UUID version 8, RFC 9562, section 5.8).
 */
export function idFrom(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  const last = `8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${last}`;
}
