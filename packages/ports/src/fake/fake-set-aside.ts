import { type DatasetName, type Generation, setAsideName } from '@understudy/core';
import { EngineRefusedError } from '../dataset-engine.ts';
import { detach } from './fake-following.ts';
import { isGateOpen } from './fake-look.ts';
import { type FakeParts, requireCopy } from './fake-parts.ts';

/** A set-aside copy's worker has this long to end. */
const detachWithinMs = 10_000;

type SetAsideOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly isTakenBack?: boolean;
};

/** The copy goes on under another name, with its log and slots. */
export async function setAside(
  parts: FakeParts,
  { dataset, generation, isTakenBack = false }: SetAsideOrder,
): Promise<string> {
  const { on } = parts;
  const first = setAsideName(dataset, generation);
  await on.reach();
  if (!on.copies.has(dataset) && on.setAside.has(first)) return first;
  const copy = await requireCopy(parts, dataset);
  if (isGateOpen(on, copy)) throw new EngineRefusedError(`${dataset} is mounted`);
  await detach(parts, { dataset, generation, timeoutMs: detachWithinMs });
  // One of that generation that stands is an earlier one: both are kept.
  let name = first;
  for (let number = 2; on.setAside.has(name); number++) name = `${first}_${number}`;
  copy.gate = undefined;
  // A database is renamed only without sessions: those that wait for a synchronous copy are ended.
  for (const writer of copy.inside) writer.isKilled = true;
  copy.asideAs = { salvage: `${on.name}-${on.nextLsn()}`, isTakenBack };
  on.copies.delete(dataset);
  if (on.faults.has('A3')) on.dropped.push(copy);
  else on.setAside.set(name, copy);
  return name;
}

/** Only when the copy on this store has the whole ledger (A3). */
export async function dropSetAside(
  parts: FakeParts,
  { dataset, database }: { readonly dataset: DatasetName; readonly database: string },
): Promise<void> {
  const { on } = parts;
  await on.reach();
  const kept = on.setAside.get(database);
  if (kept === undefined) return;
  const copy = await requireCopy(parts, dataset);
  const known = copy.salvages.get(kept.asideAs?.salvage ?? '');
  if (known?.isComplete !== true) {
    throw new EngineRefusedError(`the ledger of ${database} is not complete on ${on.name}`);
  }
  on.setAside.delete(database);
  on.dropped.push(kept);
}
