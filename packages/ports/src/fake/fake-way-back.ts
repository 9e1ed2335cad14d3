import { type DatasetName, type Link, linkName, type Lsn } from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import { EngineRefusedError } from '../dataset-engine.ts';
import { type FakeCopy, readLsn } from './fake-copy.ts';
import { aSlot } from './fake-following.ts';
import { isSlotActive } from './fake-look.ts';
import { type FakeParts, pollMs, requireCopy } from './fake-parts.ts';

// E6 on the fake. The slot's own place is lost in a crash; where the old side begins is what the
// mount wrote beside it.

/** The publication first (E7), then the slot, which waits for every open write of the store. */
export async function prepareWayBack(
  parts: FakeParts,
  link: Link,
  timeoutMs: number,
): Promise<void> {
  checkFromHere(parts, link);
  const copy = await requireCopy(parts, link.dataset);
  const name = linkName(link);
  copy.publications.add(name);
  if (!copy.slots.has(name)) {
    await writersGone(parts, name, timeoutMs);
    copy.slots.set(name, aSlot(link, parts.on.lsn));
  }
  const slot = copy.slots.get(name);
  if (slot) slot.standing ??= slot.confirmed;
}

async function writersGone({ on }: FakeParts, name: string, timeoutMs: number): Promise<void> {
  const { clock } = on.world;
  const untilMs = clock.bootMs() + timeoutMs;
  const open = [...on.copies.values()].flatMap(({ inside }) =>
    [...inside].map((writer) => ({ inside, writer })),
  );
  while (open.some(({ inside, writer }) => inside.has(writer))) {
    if (clock.bootMs() >= untilMs) throw new TimedOutError(`slot ${name} waits for open writes`);
    await clock.sleep(pollMs);
    await on.reach();
  }
}

/** Moves the standing slot, never back; refused once the copy was mounted. */
export async function advanceWayBack(parts: FakeParts, link: Link, upTo?: Lsn): Promise<void> {
  checkFromHere(parts, link);
  const copy = await requireCopy(parts, link.dataset);
  const slot = copy.slots.get(linkName(link));
  const mayMove = slot?.standing !== undefined && !slot.isFrozen && !isSlotActive(parts.on, slot);
  if (!mayMove) throw new EngineRefusedError(`no standing slot ${linkName(link)} that may move`);
  const to = upTo === undefined ? parts.on.lsn : readLsn(upTo);
  slot.confirmed = Math.max(slot.confirmed, Math.min(to, parts.on.lsn));
}

/** What comes after this place is the old side's to receive, wherever the slot stands. */
export function freezeWayBack({ on }: FakeParts, copy: FakeCopy): void {
  for (const slot of copy.slots.values()) {
    if (slot.standing === undefined || slot.isFrozen) continue;
    slot.standing = Math.max(slot.standing, on.lsn);
    slot.isFrozen = true;
  }
}

/** Removes publications and slots here of links that are not kept (E2). */
export async function dropLinks(
  parts: FakeParts,
  dataset: DatasetName,
  keep: readonly Link[],
): Promise<void> {
  const copy = await requireCopy(parts, dataset);
  if (parts.on.faults.has('E2')) return;
  const kept = new Set(keep.map(linkName));
  for (const name of copy.slots.keys()) if (!kept.has(name)) copy.slots.delete(name);
  for (const name of copy.publications) if (!kept.has(name)) copy.publications.delete(name);
}

function checkFromHere({ on }: FakeParts, link: Link): void {
  if (link.from === on.name) return;
  throw new EngineRefusedError(`${linkName(link)} stands on ${link.from}, not on ${on.name}`);
}
