import {
  activeRecordOf,
  type DatasetName,
  type HandOnAnswer,
  type HandOnQuestion,
  type ServerName,
  type SharedLimited,
  type SharedMount,
} from '@understudy/core';
import { OrderFailedError } from '@understudy/ports';
import type { HeldMount } from '../agent-memory.ts';
import type { Hands } from '../mount/open-mount.ts';
import { ownDatasets } from '../own-store.ts';
import { decideOwners, isAnswering, noteAnswering } from './decide-owners.ts';
import { servingPoolOf } from './serving-pool.ts';

/**
 * Answers a server of the same pool that asks what is mounted here: at once when there is news for
 * it, else when some comes. Whoever goes on asking and whose roles answer is there.
 */
export async function handOn(hands: Hands, question: HandOnQuestion): Promise<HandOnAnswer> {
  const { parts, memory, assigner } = hands;
  const { server, heard, waitMs, ahead } = question;
  // What a former life has handed on is good until its deadline, and not over.
  if (!memory.isSettled) throw new OrderFailedError(`${parts.server} has not looked yet`);
  if (question.isAnswering) noteAnswering(parts, memory, server);
  const isNews = heard?.life !== memory.life || heard.number !== memory.news.number();
  if (!isNews) await memory.news.next(waitMs);
  const preparation = ahead === undefined ? undefined : await preparationOf(hands, ahead);
  const before = [...memory.owners.values()];
  const mounts = [...memory.mounts.values()].flatMap((held) => shareOf(hands, server, held) ?? []);
  // Who asks may have come just now: the roles here hear in the same moment what they give away.
  const isSpread = [...memory.owners.values()].every((owners) => before.includes(owners));
  if (!isSpread) void assigner.assign();
  return {
    life: memory.life,
    number: memory.news.number(),
    mounts,
    limited: limitedFor(hands, mounts),
    ...(preparation !== undefined && { ahead: preparation }),
  };
}

function shareOf(
  { parts, memory, assigner }: Hands,
  server: ServerName,
  held: HeldMount,
): SharedMount | undefined {
  const { topology, clock } = parts;
  const { dataset, generation } = held;
  const serving = servingPoolOf(topology, dataset, parts.server);
  const owners = decideOwners(parts, memory, held);
  const record = activeRecordOf(memory.decisions, dataset);
  const pool = topology.datasets.find(({ name }) => name === dataset)?.pool;
  const url = assigner.urlOf(held);
  if (serving?.servers.includes(server) !== true || owners === undefined) return undefined;
  if (record === undefined || pool === undefined || url === undefined) return undefined;
  const remainsMs = held.deadlineMs - clock.bootMs();
  const answering = serving.servers.filter((each) => isAnswering(parts, memory, each));
  return { dataset, id: record.id, pool, generation, url, remainsMs, owners, answering };
}

/** With the mount that its changes are kept in goes the copy that its users are read from. */
function limitedFor(
  { parts, assigner }: Hands,
  mounts: readonly SharedMount[],
): readonly SharedLimited[] {
  return assigner
    .limited()
    .filter(({ queueIn }) => mounts.some(({ dataset }) => dataset === queueIn))
    .map(({ deadlineMs, ...limited }) => ({
      ...limited,
      remainsMs: deadlineMs - parts.clock.bootMs(),
    }));
}

/** What the asking server's roles need to read a copy of this server ahead of its mount. */
async function preparationOf({ parts, memory }: Hands, dataset: DatasetName) {
  const own = ownDatasets(parts).find((each) => each.dataset === dataset)?.own;
  const record = activeRecordOf(memory.decisions, dataset);
  const pool = parts.topology.datasets.find(({ name }) => name === dataset)?.pool;
  if (own === undefined || record === undefined || pool === undefined) return undefined;
  const ms = parts.topology.limits.storeTimeoutMs;
  const bound = { ms, what: `the address of ${dataset} on ${own.engine.store}` };
  const url = await memory.patience.within(bound, () => own.engine.roleUrl(dataset));
  return { dataset, id: record.id, pool, url };
}
