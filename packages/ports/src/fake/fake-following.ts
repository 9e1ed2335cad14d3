import {
  type DatasetId,
  type DatasetName,
  type Generation,
  type Link,
  linkName,
  type OriginPosition,
} from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import { EngineRefusedError, type FollowLink, LineUnshownError } from '../dataset-engine.ts';
import { FakeCopy, type FakeSlot, type FakeSubscription, showLsn } from './fake-copy.ts';
import { type FakeParts, pollMs, requireCopy, sourceOf } from './fake-parts.ts';
import { findSlot } from './fake-store.ts';

// How a fake copy comes to follow another, and how it ends. Acts of several steps let a crash come
// between the steps where PostgreSQL's do.

type FollowOrder = { readonly id: DatasetId; readonly link: Link };

/** An empty copy that copies all rows first; any passive copy that stands is replaced. */
export async function seed(parts: FakeParts, { id, link }: FollowOrder): Promise<void> {
  const { on } = parts;
  await on.reach();
  const known = on.copies.get(link.dataset);
  const isSeeding = known?.subscription && linkName(known.subscription.link) === linkName(link);
  if (known?.id === id && isSeeding && known.subscription?.isEnabled) return;
  const { source, theirs } = sourceOf(parts, link);
  if (theirs.migration > parts.newest()) {
    throw new EngineRefusedError(`${link.dataset} on ${link.from} is of a newer release`);
  }
  theirs.publications.add(linkName(link));
  const slot = theirs.slots.get(linkName(link)) ?? aSlot(link, source.lsn);
  theirs.slots.set(linkName(link), slot);
  if (known !== undefined) checkMayFollow(known, { id, store: on.name });
  const copy = new FakeCopy(link.dataset, id, false);
  copy.migration = parts.newest();
  on.copies.set(link.dataset, copy);
  await on.reach();
  const level = theirs.migration;
  subscribe(copy, link, { of: theirs, isCopied: false, applied: slot.confirmed, level });
  on.wake(copy);
}

/** Subscribes an existing copy to the slot of `link`, copying nothing. */
export async function follow(
  parts: FakeParts,
  { id, link, by = 'takeOver' }: FollowLink,
): Promise<void> {
  const { on } = parts;
  const copy = await requireCopy(parts, link.dataset);
  checkMayFollow(copy, { id, store: on.name });
  if (copy.subscription === undefined) checkWhole(copy, on.name);
  else if (linkName(copy.subscription.link) !== linkName(link)) {
    throw new EngineRefusedError(`${link.dataset} follows ${linkName(copy.subscription.link)}`);
  }
  const found = findSlot(sourceOf(parts, link).source, link);
  if (!found?.theirs.publications.has(linkName(found.slot.link))) {
    throw new EngineRefusedError(`slot ${linkName(link)} is gone`);
  }
  const { confirmed, standing, isFrozen } = found.slot;
  if (standing !== undefined && !isFrozen) {
    throw new EngineRefusedError(`${link.from} is not mounted yet: ${linkName(link)} may move`);
  }
  const isSame = copy.originOf?.link === linkName(link);
  const begin = by === 'position' && !isSame ? positionIn(found, copy) : standing;
  const applied = Math.max(confirmed, (isSame ? copy.originOf?.lsn : begin) ?? 0);
  if (copy.subscription?.isEnabled) return;
  const level = found.theirs.migration;
  const of = found.theirs;
  copy.subscription ??= subscribe(copy, link, { of, isCopied: true, applied, level });
  copy.subscription.isEnabled = true;
  on.wake(copy);
}

/** A4: before the first transaction that `copy` lacks of the copy that both followed. */
function positionIn(
  { slot, theirs }: { readonly slot: FakeSlot; readonly theirs: FakeCopy },
  copy: FakeCopy,
): number {
  const [own, other] = [copy.originOf, theirs.originOf];
  const { from } = slot.link;
  if (own === undefined || other === undefined || copy.origin?.from !== theirs.origin?.from) {
    throw new LineUnshownError(`${copy.dataset}: it did not follow whom ${from} followed`);
  }
  if (own.lsn > other.lsn) throw new EngineRefusedError(`${copy.dataset} has more than ${from}`);
  const end = slot.standing ?? slot.confirmed;
  const kept = theirs.log.filter(({ lsn }) => lsn > slot.confirmed && lsn <= end);
  if (!kept.some(({ sourceLsn = own.lsn + 1 }) => sourceLsn <= own.lsn)) {
    throw new LineUnshownError(`${copy.dataset}: the slot on ${from} begins too late`);
  }
  const lacking = kept.findIndex(({ sourceLsn = own.lsn + 1 }) => sourceLsn > own.lsn);
  return (lacking < 0 ? end : kept[lacking - 1]?.lsn) ?? slot.confirmed;
}

/** A copy that was mounted follows only when everything it took was handed over. */
function checkMayFollow(
  copy: FakeCopy,
  { id, store }: { readonly id: DatasetId; readonly store: string },
): void {
  if (copy.id !== id) throw new EngineRefusedError(`${copy.dataset} on ${store} has another id`);
  if (copy.holdsOwnWrites) {
    throw new EngineRefusedError(`${copy.dataset} on ${store} may hold writes that nobody has`);
  }
}

/** Half a copy is never mounted, nor followed with: only a seed makes it whole. */
export function checkWhole({ dataset, isWhole }: FakeCopy, store: string): void {
  if (isWhole) return;
  throw new EngineRefusedError(`${dataset} on ${store} was not seeded to the end`);
}

/** Stops applying; the slot on the source keeps what comes. */
export async function suspend(parts: FakeParts, dataset: DatasetName): Promise<void> {
  const { subscription } = await requireFollowing(parts, dataset);
  subscription.isEnabled = false;
}

/** Goes on where `suspend` stopped, and takes up tables that were published since (E8). */
export async function resume(parts: FakeParts, dataset: DatasetName): Promise<void> {
  const { copy, subscription } = await requireFollowing(parts, dataset);
  subscription.isEnabled = true;
  subscription.level = sourceOf(parts, subscription.link).theirs.migration;
  parts.on.wake(copy);
}

async function requireFollowing(
  parts: FakeParts,
  dataset: DatasetName,
): Promise<{ readonly copy: FakeCopy; readonly subscription: FakeSubscription }> {
  const copy = await requireCopy(parts, dataset);
  const { subscription } = copy;
  if (subscription) return { copy, subscription };
  throw new EngineRefusedError(`the copy of ${dataset} on ${parts.on.name} follows nobody`);
}

type DetachOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly timeoutMs: number;
};

/** E9, A1: no worker is left; then the position is stored, and with it the subscription goes. */
export async function detach(
  parts: FakeParts,
  order: DetachOrder,
): Promise<OriginPosition | undefined> {
  const { on } = parts;
  const copy = await requireCopy(parts, order.dataset);
  const { subscription } = copy;
  if (!subscription) return copy.origin;
  subscription.isEnabled = false;
  if (on.faults.has('E9')) on.applyLate(copy, subscription);
  else await workerGone(parts, subscription, order.timeoutMs);
  if (copy.subscription !== subscription) return copy.origin;
  copy.flush();
  const { link, applied, isCopied } = subscription;
  const lsn = on.faults.has('A1') ? 0 : applied;
  copy.isWhole = isCopied;
  copy.origin = { from: link.from, generation: order.generation, lsn: showLsn(lsn) };
  copy.originHere = on.lsn;
  copy.originOf = { link: linkName(link), lsn: applied };
  copy.origins.push({ from: link.from, of: subscription.of, lsn });
  copy.subscription = undefined;
  return copy.origin;
}

async function workerGone(
  { on }: FakeParts,
  subscription: FakeSubscription,
  timeoutMs: number,
): Promise<void> {
  const { clock } = on.world;
  const untilMs = clock.bootMs() + timeoutMs;
  while (subscription.isApplying) {
    if (clock.bootMs() >= untilMs) throw new TimedOutError('the apply worker did not end');
    await clock.sleep(pollMs);
    await on.reach();
  }
}

function subscribe(
  copy: FakeCopy,
  link: Link,
  begun: Pick<FakeSubscription, 'of' | 'isCopied' | 'applied' | 'level'>,
): FakeSubscription {
  const at = {
    flushed: begun.applied,
    isApplying: false,
    isFlushing: false,
    errors: 0,
    conflicts: 0,
  };
  const subscription = { link, isEnabled: true, ...begun, ...at };
  copy.subscription = subscription;
  return subscription;
}

/** A slot that begins at `lsn`. */
export function aSlot(link: Link, lsn: number): FakeSlot {
  return { link, confirmed: lsn, saved: lsn, isLost: false, isFrozen: false };
}
