import { randomBytes } from 'node:crypto';

/** A UUID version 7 (RFC 9562, section 5.7): rows made together lie together in an index. */
export function newId(nowMs: number = Date.now()): string {
  const hex = nowMs.toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `7${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
