import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInWorkers } from '../run-in-workers.ts';

/** .ci/run plays 1,500. */
const seeds = 100;

test(`${seeds} groups that change: one writer, all accounted for, then alive`, async (t) => {
  const total = await runInWorkers({ first: 1, count: seeds, world: 'members' });
  assert.deepEqual(
    total.failures.map(({ seed, violations }) => ({ seed, violations })),
    [],
  );
  // Else the histories would show nothing.
  for (const what of [
    'group stop is granted',
    'group start is granted',
    'group restore is granted',
    'a fencing command works',
    'a site is turned on',
    '! all power is lost',
  ]) {
    assert.ok((total.seen[what] ?? 0) > 0, `${what} was seen`);
  }
  t.diagnostic(`operations ${total.operations}, faults ${total.faults}, failed ${total.failed}`);
});
