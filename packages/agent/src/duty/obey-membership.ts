import { groupRecord, groupRecordOf, membershipOf } from '@understudy/core';
import type { HeldMount } from '../agent-memory.ts';
import { mountAgain } from '../mount/mount-again.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutMount } from '../mount/shut-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { ownStoreNamed } from '../own-store.ts';
import { learnHere } from '../mount/learn-here.ts';

/**
 * Whoever hears of a newer membership obeys it, by a decision that was learned or from the voters
 * themselves (V4). What is mounted here goes on under a generation of that membership, and on a
 * server that was stopped it is shut.
 */
export async function obeyMembership(hands: Hands): Promise<void> {
  const { parts, memory } = hands;
  const { group } = parts.mountRight;
  if (group === undefined) return;
  for (const [server, view] of memory.partners) {
    if (!view.isSilent) group.hear(server, view.report.votes?.voters ?? []);
  }
  if (isAgreed(hands)) await keepFirstMembership(hands);
  const record = groupRecordOf(memory.decisions);
  if (record !== undefined) group.obey(record.membership);
  const { generation } = group.membership();
  if (generation > (record?.generation ?? 0)) {
    await learnHere(parts, memory, [groupRecord(group.membership())]);
  }
  const outdated = [...memory.mounts.values()].filter(
    (held) => membershipOf(held.generation) < generation,
  );
  await Promise.all(outdated.map((held) => moveOn(hands, held)));
}

/**
 * Who votes at first is written down with the first decision, so that no changed topology file
 * changes it (V4): from then on it is stopped and started like any membership.
 */
export async function keepFirstMembership({ parts, memory }: Hands): Promise<void> {
  const membership = parts.mountRight.group?.membership();
  if (membership === undefined || groupRecordOf(memory.decisions) !== undefined) return;
  await learnHere(parts, memory, [groupRecord(membership)]);
}

/** Votes were added to a deployment after its birth, and everybody has the file that does so. */
function isAgreed({ parts, memory }: Hands): boolean {
  if (memory.decisions.length === 0 || memory.partners.size < parts.partners.length) return false;
  return [...memory.partners.values()].every(
    (view) => !view.isSilent && view.report.topologyHash === parts.topologyHash,
  );
}

/** In its turn among the dataset's orders; one of them may have moved it on meanwhile. */
async function moveOn(hands: Hands, { dataset, generation }: HeldMount): Promise<void> {
  const { parts, memory } = hands;
  try {
    await memory.queue.run(dataset, async () => {
      const held = memory.mounts.get(dataset);
      if (held?.generation !== generation) return;
      if (isStoppedHere(hands)) await shutStopped(hands, held);
      else await mountAnew(hands, held);
    });
  } catch (error) {
    // The next cycle tries again; until then what is left of the lease goes on.
    parts.log.say('warn', `${dataset} is not yet in the new membership: ${wordsOf(error)}`);
  }
}

/** Stopped by an operator, and not in the configuration alone. */
export function isStoppedHere({ parts }: Pick<Hands, 'parts'>): boolean {
  const membership = parts.mountRight.group?.membership();
  if (membership === undefined) return false;
  const { stopped, untouched = [] } = membership;
  return stopped.includes(parts.server) && !untouched.includes(parts.server);
}

async function shutStopped(hands: Hands, held: HeldMount): Promise<void> {
  const { parts } = hands;
  const own = ownStoreNamed(parts, held.store);
  if (own === undefined) return;
  const { dataset, generation } = held;
  await shutMount(hands, { own, dataset, generation });
  parts.log.say('info', `dismounted ${dataset}: ${parts.server} is stopped in its group`);
}

/** The gate stays open: writers who are inside are refused at their COMMIT and try again. */
async function mountAnew(hands: Hands, { dataset, store }: HeldMount): Promise<void> {
  const { parts, memory } = hands;
  const own = ownStoreNamed(parts, store);
  const record = memory.decisions.find(
    (each) => each.kind === 'active' && each.dataset === dataset && each.active === store,
  );
  if (own === undefined || record?.kind !== 'active') return;
  const copy = (await own.engine.observe(dataset)).find((each) => each.dataset === dataset);
  if (copy === undefined) return;
  parts.log.say('info', await mountAgain(hands, { own, copy, record }));
}
