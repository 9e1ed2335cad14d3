import {
  type DatasetName,
  diagnoseRoom,
  newestDecisions,
  type Decision,
  type RoleReport,
  type RunRow,
  type StoreIdentity,
  type StoreName,
} from '@understudy/core';
import { type DatasetEngine, withTimeout } from '@understudy/ports';
import { type AgentMemory, withRecorded } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import { firstStore } from '../own-store.ts';
import type { Bound } from '../patience.ts';
import { lookAtStore, type StoreLook, wordsOf } from './look-at-store.ts';
import { noteStart, rememberStarts } from './note-start.ts';
import { tellIdentity, withTold } from './tell-identity.ts';

/** One look at all that is true on this server. */
export type LocalLook = {
  readonly atBootMs: number;
  readonly stores: readonly StoreLook[];
  readonly decisions: readonly Decision[];
  readonly runs: readonly RunRow[];
  readonly identities: readonly StoreIdentity[];
  readonly roles: readonly RoleReport[];
};

/**
 * Looks at stores, control databases and roles at once. Never rejects. One that a later look has
 * overtaken is not remembered: what this server says of itself never goes back (E10).
 */
export async function lookHere(parts: AgentParts, memory: AgentMemory): Promise<LocalLook> {
  const atBootMs = parts.clock.bootMs();
  memory.looks += 1;
  const order = memory.looks;
  const [stores, controls, shortages, roles] = await Promise.all([
    Promise.all(parts.stores.map(({ engine }) => lookInTime(parts, memory, engine))),
    Promise.all(parts.stores.map((own) => readControl(parts, memory, own))),
    Promise.all(parts.stores.map((own) => lookForShortage(parts, memory, own))),
    lookAtRoles(parts),
  ]);
  memory.newestLook = Math.max(memory.newestLook, order);
  rememberControls(memory, controls, order);
  for (const [index, { store }] of stores.entries()) {
    const { identities } = controls[index] ?? {};
    if (identities === undefined) continue;
    memory.controlsRead.add(store);
    const own = identities.find((each) => each.store === store);
    if (own?.starts !== undefined) {
      rememberStarts(memory, store, { list: own.starts, begunBy: order });
    }
    if (own?.incarnation !== undefined) memory.incarnations.set(store, own.incarnation);
  }
  const noted = await Promise.all(
    stores.map((look) => noteStart(parts, memory, withControl(memory, look))),
  );
  const told = noted.map((look) => tellIdentity(memory, look, order));
  const seen = told.map((look, index) => withShortage(look, shortages[index]));
  const isNewest = order === memory.newestLook;
  memory.stores = isNewest ? seen : memory.stores.map((look) => withTold(memory, look));
  if (isNewest) memory.roles = roles;
  const { decisions, runs, identities } = memory;
  return { atBootMs, stores: seen, decisions, runs, identities, roles };
}

/**
 * What this life has never read of a control database it cannot say: no decisions and nobody's
 * identity must not look as if there were none (E1, E10). Later failures are covered by memory.
 */
function withControl({ controlsRead }: AgentMemory, look: StoreLook): StoreLook {
  if (!look.isUp || controlsRead.has(look.store)) return look;
  const error = 'its control database could not be read yet';
  return { store: look.store, isUp: false, error, copies: [], setAside: [] };
}

/** What was decided here is in memory: this life has read the control database it decides in. */
export function hasReadDecisions(parts: AgentParts, { controlsRead }: AgentMemory): boolean {
  const own = firstStore(parts);
  return own !== undefined && controlsRead.has(own.engine.store);
}

/**
 * Looks at copies and roles again and takes the rest from the last cycle: steps of a run ask for
 * reports inside of a fenced window. Decisions in memory are as new as those in the database, once
 * that was read: what partners told before may be older.
 */
export async function lookForReport(parts: AgentParts, memory: AgentMemory): Promise<LocalLook> {
  const isRead = firstStore(parts) === undefined || hasReadDecisions(parts, memory);
  if (!memory.isSettled || !isRead) return await lookHere(parts, memory);
  const atBootMs = parts.clock.bootMs();
  const [stores, roles] = await Promise.all([
    Promise.all(parts.stores.map(({ engine }) => lookAgain(parts, memory, engine))),
    lookAtRoles(parts),
  ]);
  const { decisions, runs, identities } = memory;
  return { atBootMs, stores, decisions, runs, identities, roles };
}

async function lookAgain(
  parts: AgentParts,
  memory: AgentMemory,
  engine: DatasetEngine,
): Promise<StoreLook> {
  const last = memory.stores.find(({ store }) => store === engine.store);
  const anew = async (): Promise<StoreLook> =>
    withShortage(withoutIdentity(memory, await lookInTime(parts, memory, engine)), last?.shortage);
  if (last?.isUp !== true) return await anew();
  try {
    const look = () =>
      Promise.all([engine.observe(), engine.listDatasets(), engine.listSetAside()]);
    const seen = await memory.patience.within(lookBound(parts, engine.store), look);
    // Of set-aside databases too: the step that makes one is followed by one that reads it.
    const [copies, datasets, setAside] = seen;
    return { ...last, copies, datasets, setAside };
  } catch {
    return await anew();
  }
}

/** Who the store is now is told by the next cycle, which notes its start first (E10). */
function withoutIdentity(memory: AgentMemory, look: StoreLook): StoreLook {
  const { identity: _, ...rest } = withControl(memory, look);
  return rest;
}

/** A store that hangs is silent after limits.storeTimeoutMs: the others are seen all the same. */
async function lookInTime(
  parts: AgentParts,
  { patience }: AgentMemory,
  engine: DatasetEngine,
): Promise<StoreLook> {
  const { store } = engine;
  try {
    return await patience.within(lookBound(parts, store), () => lookAtStore(engine));
  } catch (error) {
    return { store, isUp: false, error: wordsOf(error), copies: [], setAside: [] };
  }
}

/** What there is to say of the disk of a store of ours, whether the store answers or not. */
async function lookForShortage(
  { topology }: AgentParts,
  { patience }: AgentMemory,
  { engine: { store }, room }: OwnStore,
): Promise<string | undefined> {
  if (room === undefined) return undefined;
  const bound = { ms: topology.limits.storeTimeoutMs, what: `a look at the disk of ${store}` };
  try {
    return diagnoseRoom(store, await patience.within(bound, room), topology.limits);
  } catch (error) {
    return `the disk of ${store} cannot be looked at: ${wordsOf(error)}`;
  }
}

function withShortage(look: StoreLook, shortage: string | undefined): StoreLook {
  return shortage === undefined ? look : { ...look, shortage };
}

const lookBound = ({ topology }: AgentParts, store: StoreName): Bound => ({
  ms: topology.limits.storeTimeoutMs,
  what: `a look at store ${store}`,
});

/**
 * Looks at one copy only: what an order needs, and nothing that would keep users
 * waiting in a fenced window. Decisions and runs are those in memory, which every act keeps new.
 */
export async function lookAtOneCopy(
  { clock }: AgentParts,
  { decisions, runs, identities }: AgentMemory,
  { own: { engine }, dataset }: { readonly own: OwnStore; readonly dataset: DatasetName },
): Promise<LocalLook> {
  const atBootMs = clock.bootMs();
  const { store } = engine;
  const copies = await engine.observe(dataset);
  // What it lacks is asked for only where something is lacking: users may be waiting.
  const datasets = copies.length > 0 ? [dataset] : await engine.listDatasets();
  const stores = [{ store, isUp: true, datasets, copies, setAside: [] }];
  return { atBootMs, stores, decisions, runs, identities, roles: [] };
}

type ControlLook = Pick<LocalLook, 'decisions' | 'runs' | 'identities'>;

async function readControl(
  { topology }: AgentParts,
  { patience }: AgentMemory,
  { control }: OwnStore,
): Promise<ControlLook | undefined> {
  const what = `the control database of ${control.store}`;
  try {
    return await patience.within({ ms: topology.limits.storeTimeoutMs, what }, async () => {
      const [decisions, runs, identities] = await Promise.all([
        control.readDecisions(),
        control.readRuns(),
        control.readIdentities(),
      ]);
      return { decisions, runs, identities };
    });
  } catch {
    return undefined; // The same store's look says in words why it does not answer.
  }
}

/** What was known stays known while a control database is down: decisions never go back. */
function rememberControls(
  memory: AgentMemory,
  controls: readonly (ControlLook | undefined)[],
  order: number,
): void {
  const read = controls.filter((each) => each !== undefined);
  memory.decisions = newestDecisions(memory.decisions, ...read.map((each) => each.decisions));
  if (read[0] === undefined || order < memory.newestLook) return;
  memory.runs = newestRows(read[0].runs, memory.runs);
  memory.identities = withRecorded(memory, read[0].identities);
}

/** A row that was taken while this look was under way is newer than what the look read. */
function newestRows(read: readonly RunRow[], known: readonly RunRow[]): readonly RunRow[] {
  const newer = known.filter(({ id, attempt }) =>
    read.every((row) => row.id !== id || row.attempt < attempt),
  );
  return [...read.filter(({ id }) => newer.every((row) => row.id !== id)), ...newer];
}

async function lookAtRoles({ clock, roles, supervisor, topology }: AgentParts) {
  const what = 'the roles of this server';
  try {
    const report = await withTimeout(clock, { ms: topology.limits.roleTimeoutMs, what }, () =>
      roles.report(),
    );
    return [report];
  } catch {
    const seen = await supervisor.observeRoles().catch(() => []);
    return seen.map((each) => ({ ...each, isUp: false, pools: [] }));
  }
}
