import {
  activeRecordOf,
  type ActiveRecord,
  asDatasetId,
  asGeneration,
  type Dataset,
  type Decision,
  newestDecisions,
  type PoolRecord,
  poolRecordOf,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { Hands } from '../mount/open-mount.ts';
import { learnHere } from '../mount/learn-here.ts';
import { askPartners } from '../observe/ask-partners.ts';
import { silentPartners } from '../observe/judge-copies.ts';
import { lookHere } from '../observe/look-here.ts';
import { firstStore, ownStoreNamed } from '../own-store.ts';
import { keepFirstMembership } from './obey-membership.ts';

const firstGeneration = asGeneration(1);

/**
 * Birth (decisions/0008): creates every dataset whose preferred copy is on a store of this server
 * and that nobody knows. Repeats harmlessly. Throws EngineRefusedError while a server with another
 * copy is silent, for it may know the dataset.
 */
export async function bearDatasets(hands: Hands): Promise<readonly string[]> {
  const { parts, memory } = hands;
  await Promise.all([lookHere(parts, memory), askPartners(parts, memory)]);
  const theirs = [...memory.partners.values()].map((view) =>
    view.isSilent ? [] : view.report.decisions,
  );
  await learnHere(parts, memory, newestDecisions(...theirs));
  const said: string[] = [];
  for (const dataset of parts.topology.datasets) {
    if (activeRecordOf(memory.decisions, dataset.name) !== undefined) continue;
    const born = await memory.queue.run(dataset.name, () => bearOne(hands, dataset));
    if (born !== undefined) said.push(born);
  }
  return said;
}

async function bearOne(hands: Hands, dataset: Dataset): Promise<string | undefined> {
  const { parts, memory } = hands;
  // Somebody else's `--init` may have been at work while this one waited its turn.
  if (activeRecordOf(memory.decisions, dataset.name) !== undefined) return undefined;
  const preferred = [...dataset.copies].sort((a, b) => a.preference - b.preference)[0];
  const own = preferred && ownStoreNamed(parts, preferred.store);
  if (own === undefined) return undefined;
  const silent = silentPartners(parts, memory, dataset.name);
  if (silent.length > 0) {
    const why = `${silent.join(' and ')} may know it and cannot be asked`;
    throw new EngineRefusedError(`${dataset.name} is not created: ${why}; start every server`);
  }
  // A birth that was cut short left a copy with the id that it goes on with.
  const half = (await own.engine.observe()).find((each) => each.dataset === dataset.name);
  const id = half?.id ?? asDatasetId(parts.chance.uuid());
  await own.engine.create({ dataset: dataset.name, id });
  const record: ActiveRecord = {
    kind: 'active',
    dataset: dataset.name,
    id,
    generation: firstGeneration,
    active: own.engine.store,
    since: firstGeneration,
  };
  await keepFirstMembership(hands);
  await decideFirst(hands, record);
  await bearPool(hands, dataset);
  return `created ${dataset.name} on ${own.engine.store}`;
}

async function bearPool(hands: Hands, { pool }: Dataset): Promise<void> {
  if (poolRecordOf(hands.memory.decisions, pool) !== undefined) return;
  const record: PoolRecord = {
    kind: 'pool',
    pool,
    generation: firstGeneration,
    state: 'active',
    serving: pool,
    why: 'its datasets were created',
  };
  await decideFirst(hands, record);
}

async function decideFirst({ parts, memory }: Hands, first: Decision): Promise<void> {
  const decided = await firstStore(parts)?.control.decide(first, undefined);
  if (decided?.isDone === false) {
    throw new EngineRefusedError(`a record stands already where ${first.kind} would be born`);
  }
  await learnHere(parts, memory, [first]);
}
