import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const looksMax = 200;
const lookEveryMs = 25;

/** Looks until it is so; fails when it never is. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < looksMax; looks++) {
    if (await isSo()) return;
    await sleep(lookEveryMs);
  }
  assert.fail('it did not come');
}
