import { createHash } from 'node:crypto';
import type { RunPlan } from '@understudy/core';

/**
 * SHA-256 of the plan in canonical JSON, in hexadecimal. What was merely seen while planning (lag,
 * quotes) is left out, so what-if prints the very hash that the run journals (decisions/0007).
 */
export function planHash({ seen: _, ...plan }: RunPlan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}

/** JSON with the keys of every object sorted; `undefined` members are left out as in JSON. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((each) => canonicalJson(each ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
