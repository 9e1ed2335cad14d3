import { databaseName, type DatasetId, type Link, linkName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { withConnection } from '../connect/databases.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import { readCopyRow } from '../copy/copy-row.ts';
import { createCopy } from '../copy/create-copy.ts';
import { dropDatabase } from '../copy/drop-database.ts';
import { findCopy } from '../copy/find-copy.ts';
import { checkMayFollow } from '../follow/follow-link.ts';
import { publishLink } from '../follow/publish.ts';
import { subscribe } from '../follow/subscribe.ts';
import { readSubscription } from '../follow/subscription.ts';

export type SeedOrder = { readonly id: DatasetId; readonly link: Link };

/**
 * An empty copy that subscribes to `link` and copies all tables first; resolves when it has begun
 * to. A seed of the same link that is going on is left alone; any other passive copy is replaced.
 */
export async function seedCopy(parts: EngineParts, order: SeedOrder): Promise<void> {
  if (await isSeeding(parts, order)) return;
  await publishAtSource(parts, order.link);
  await removeOldCopy(parts, order);
  await createCopy(parts, { dataset: order.link.dataset, id: order.id, isWhole: false });
  await subscribe(parts, { link: order.link, copyData: true });
  parts.log.say('info', `Seeding ${order.link.dataset} from ${order.link.from}.`);
}

async function isSeeding(parts: EngineParts, { id, link }: SeedOrder): Promise<boolean> {
  const found = await findCopy(parts, link.dataset);
  if (found.kind !== 'copy' || found.id !== id) return false;
  const subscription = await readSubscription(parts, databaseName(link.dataset));
  return (
    subscription !== undefined && subscription.name === linkName(link) && subscription.isEnabled
  );
}

/** Slot before tables: what is written while they are copied is in the slot (E7 for the order). */
async function publishAtSource(parts: EngineParts, link: Link): Promise<void> {
  const url = sourceUrl(parts, { store: link.from, dataset: link.dataset });
  const target = { url, store: link.from, timeoutMs: parts.limits.slotTimeoutMs };
  await withConnection(target, async (session) => {
    const [level] = await session.query<{ newest: number }>(
      'SELECT max(level)::int AS newest FROM understudy.migrations',
    );
    checkLevel(parts, level?.newest ?? 0, link);
    await publishLink(session, link);
  });
}

function checkLevel({ migrations }: EngineParts, level: number, link: Link): void {
  if (level <= migrations.length) return;
  throw new EngineRefusedError(
    `${link.dataset} on ${link.from} is at migration level ${level}, this release knows ` +
      `${migrations.length}: update this server first`,
  );
}

async function removeOldCopy(parts: EngineParts, { id, link }: SeedOrder): Promise<void> {
  const found = await findCopy(parts, link.dataset);
  if (found.kind !== 'copy') return; // createCopy sees to the rest.
  const database = databaseName(link.dataset);
  // A3: what may be the only place of a write is set aside, never replaced.
  checkMayFollow(await readCopyRow(parts.databases, database), { id, store: parts.store });
  await dropDatabase(parts, database);
}
