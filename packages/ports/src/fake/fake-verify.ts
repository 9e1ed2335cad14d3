import type { VerifyDifference } from '@understudy/core';

/** Every row in which two sides differ, by key. */
export function compareRows(
  active: ReadonlyMap<string, string>,
  passive: ReadonlyMap<string, string>,
): readonly VerifyDifference[] {
  const differences: VerifyDifference[] = [];
  for (const [key, value] of active) {
    if (!passive.has(key)) differences.push({ table: 'rows', key, kind: 'onlyActive' });
    else if (passive.get(key) !== value)
      differences.push({ table: 'rows', key, kind: 'different' });
  }
  for (const key of passive.keys()) {
    if (!active.has(key)) differences.push({ table: 'rows', key, kind: 'onlyPassive' });
  }
  return differences;
}
