import {
  activeTime,
  type CopyReport,
  type DatasetName,
  isSameLink,
  type Link,
  linkName,
  linksToKeep,
  nextWayBackMarks,
  positionIn,
  wayBackLinks,
} from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { type JudgedCopy, silentPartners } from '../observe/judge-copies.ts';

/**
 * Keeps what stands between two copies in order: the standing slots move with what is applied
 * (E6), and those of links that are over go (E2). Nothing is dropped on a copy that diverged or
 * failed: its slots hold what salvage reads (A3).
 */
export async function tendLinks(hands: Hands, judged: JudgedCopy): Promise<void> {
  const { own, dataset, situation, judgement } = judged;
  const { copy, record, store, stores, isHeld } = situation;
  if (copy === undefined || record === undefined || isHeld) return;
  if (judgement.state === 'healthy') {
    const wayBack = wayBackLinks(record, store, stores);
    for (const { link, isLost } of copy.slots) {
      if (isLost || !wayBack.some((each) => isSameLink(each, link))) continue;
      // The old side hands over what it has; further copies may be behind when this one is forced.
      if (link.to === record.active) await own.engine.advanceWayBack(link);
      else await advanceForFurther(hands, judged, link);
    }
  }
  if (judgement.state !== 'healthy' && judgement.state !== 'mounted') return;
  // Mounted while another is active: what it wrote since lies in its slots and nowhere else (A3).
  if (judgement.state === 'mounted' && record.active !== store) return;
  const { slotKeepBytes } = hands.parts.topology.limits;
  const followed = linksFollowed(hands, dataset);
  // Who cannot be asked may need any of them.
  const needed =
    followed === undefined
      ? copy.slots.map(({ link }) => link)
      : linksToKeep({ record, store, stores, followed });
  const keep = needed.filter((link) => {
    // The follower is gone for good: past the bound its slot would fill this store's disk.
    const slot = copy.slots.find((each) => isSameLink(each.link, link));
    return slot === undefined || slot.isActive || slot.lagBytes <= slotKeepBytes;
  });
  const isOver = copy.slots.some(({ link }) => keep.every((each) => !isSameLink(each, link)));
  if (isOver) await own.engine.dropLinks(dataset, keep);
}

/** Moves the slot for a further copy as far as that one has said to have what stands before. */
async function advanceForFurther(hands: Hands, judged: JudgedCopy, link: Link): Promise<void> {
  const { memory } = hands;
  const { copy, record } = judged.situation;
  if (copy === undefined || record === undefined) return;
  const time = activeTime(record);
  const theirs = copiesOfPartners(hands, link.dataset).find(({ store }) => store === link.to);
  const name = linkName(link);
  const { advanceTo, ...marks } = nextWayBackMarks(memory.wayBackMarks.get(name), {
    writtenLsn: copy.writtenLsn,
    applied: positionIn(copy, time),
    follower: theirs && positionIn(theirs, time),
  });
  memory.wayBackMarks.set(name, marks);
  if (advanceTo !== undefined) await judged.own.engine.advanceWayBack(link, advanceTo);
}

function copiesOfPartners({ memory }: Hands, dataset: DatasetName): readonly CopyReport[] {
  return [...memory.partners.values()]
    .flatMap((view) => (view.isSilent ? [] : view.report.copies))
    .filter((copy) => copy.dataset === dataset);
}

/** What other copies follow now; undefined while one of them cannot be asked. */
function linksFollowed(hands: Hands, dataset: DatasetName): readonly Link[] | undefined {
  if (silentPartners(hands.parts, hands.memory, dataset).length > 0) return undefined;
  return copiesOfPartners(hands, dataset).flatMap(({ following }) =>
    following === undefined ? [] : [following.link],
  );
}
