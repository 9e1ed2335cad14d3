import type { CopyObservation, StoreName } from '@understudy/core';
import type { OwnStore } from '../agent-parts.ts';

/**
 * Before a copy begins to follow, nobody may follow it any more (E2): what it applies it would pass
 * on, and its followers would meet those rows again at the new active copy. Who is connected is
 * waited for, and goes by itself once it has the fence marker; the slots of those who are not are
 * removed, and whoever lacks something then is seeded. Resolves with whom it waits for, in words.
 */
export async function letFollowersGo(
  { own, copy }: { readonly own: OwnStore; readonly copy: CopyObservation },
  active: StoreName,
): Promise<string | undefined> {
  const { store, dataset } = copy;
  const slots = copy.slots.filter(({ link }) => link.from === store);
  const busy = slots.filter(({ link, isActive }) => isActive && link.to !== active);
  if (busy.length > 0) {
    const names = busy.map(({ link }) => link.to).join(' and ');
    return `${dataset} on ${store} waits until ${names} has left it for ${active}`;
  }
  if (slots.length > 0) await own.engine.dropLinks(dataset, []);
  return undefined;
}
