import type { ActiveRecord, DatasetName, VerifyDifference, VerifyResult } from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import { EngineRefusedError } from '../dataset-engine.ts';
import { isGateOpen } from './fake-look.ts';
import { type FakeParts, pollMs, requireCopy, sourceOf } from './fake-parts.ts';

/** Compares this passive copy with the active one at the same transaction (E11). */
export async function verify(
  parts: FakeParts,
  order: {
    readonly dataset: DatasetName;
    readonly record: ActiveRecord;
    readonly findingsMax: number;
    readonly timeoutMs: number;
  },
): Promise<VerifyResult> {
  const { clock } = parts.on.world;
  const { dataset, record } = order;
  const { active: from, generation } = record;
  const copy = await requireCopy(parts, dataset);
  const { subscription } = copy;
  if (from === parts.on.name || subscription?.isEnabled !== true) {
    throw new EngineRefusedError(`${dataset} on ${parts.on.name} follows nobody now`);
  }
  const { source, theirs } = sourceOf(parts, { dataset, from });
  if (theirs.gate?.generation !== generation || !isGateOpen(source, theirs)) {
    throw new EngineRefusedError(`${dataset} is not mounted at ${generation} on ${from}`);
  }
  const untilLsn = theirs.log.at(-1)?.lsn ?? 0;
  const untilMs = clock.bootMs() + order.timeoutMs;
  while (!subscription.isCopied || subscription.applied < untilLsn) {
    if (clock.bootMs() >= untilMs) throw new TimedOutError('the apply does not come so far');
    await clock.sleep(pollMs);
    await parts.on.reach();
  }
  const differences = compareRows(theirs.rowsAt(subscription.applied), copy.rows);
  copy.verified = {
    atMs: clock.nowMs(),
    generation,
    tables: 1,
    rows: copy.rows.size,
    differences: differences.slice(0, order.findingsMax),
  };
  return copy.verified;
}

/** Every row in which two sides differ, by key. */
function compareRows(
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
