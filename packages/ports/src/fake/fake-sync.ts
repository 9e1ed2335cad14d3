import { type DatasetName, type Generation, type Link, linkName } from '@understudy/core';
import { EngineRefusedError, StoreDownError } from '../dataset-engine.ts';
import type { FakeCopy, FakeWriter } from './fake-copy.ts';
import { isGateOpen } from './fake-look.ts';
import { type FakeParts, pollMs, requireCopy } from './fake-parts.ts';

// V7: writes that are acknowledged only when a synchronous copy has them.

type Waiting = {
  readonly link: Link;
  readonly generation: Generation;
  readonly timeoutMs: number;
};

/** Writes wait from now on; true once the copy has all that was acknowledged before. */
export async function waitForCopy(
  parts: FakeParts,
  { link, generation, timeoutMs }: Waiting,
): Promise<boolean> {
  const { on } = parts;
  const { clock } = on.world;
  const copy = await requireCopy(parts, link.dataset);
  const { gate } = copy;
  if (gate?.generation !== generation || !isGateOpen(on, copy)) {
    throw new EngineRefusedError(`the gate of ${link.dataset} is shut for ${generation}`);
  }
  gate.waitsFor = link;
  const { lsn } = on;
  const untilMs = clock.bootMs() + timeoutMs;
  while (!hasConfirmed(copy, link, lastWritten(copy, lsn))) {
    if (clock.bootMs() >= untilMs || copy.gate !== gate) return false;
    await clock.sleep(pollMs);
    await on.reach();
  }
  return copy.gate === gate;
}

/** The store's log is shared: what this copy wrote before. */
function lastWritten(copy: FakeCopy, before: number): number {
  return copy.log.findLast(({ lsn }) => lsn <= before)?.lsn ?? 0;
}

function hasConfirmed({ slots }: FakeCopy, link: Link, lsn: number): boolean {
  return (slots.get(linkName(link))?.confirmed ?? 0) >= lsn;
}

/** No write waits any more; those that do are ended. */
export async function goOnWithoutCopy(
  parts: FakeParts,
  { dataset, generation }: { readonly dataset: DatasetName; readonly generation: Generation },
): Promise<void> {
  const copy = await requireCopy(parts, dataset);
  if (copy.gate?.generation === generation) delete copy.gate.waitsFor;
  for (const writer of copy.inside) if (writer.isWaiting) writer.isKilled = true;
}

export async function flushApplied(
  parts: FakeParts,
  dataset: DatasetName,
  isFlushing: boolean,
): Promise<void> {
  const { subscription } = await requireCopy(parts, dataset);
  if (subscription === undefined) {
    throw new EngineRefusedError(`the copy of ${dataset} on ${parts.on.name} follows nobody`);
  }
  subscription.isFlushing = isFlushing;
}

/** What a COMMIT does last: the write stands here, and waits to be acknowledged. */
export async function awaitCopy(
  { on }: FakeParts,
  copy: FakeCopy,
  writer: FakeWriter,
): Promise<void> {
  const link = copy.gate?.waitsFor;
  if (link === undefined) return;
  const { lsn } = on;
  writer.isWaiting = true;
  copy.inside.add(writer);
  while (!hasConfirmed(copy, link, lsn)) {
    await on.world.clock.sleep(pollMs);
    // Ended while it waited: whether it stands elsewhere nobody was told.
    if (writer.isKilled) throw new StoreDownError('the session was ended while it waited');
  }
}
