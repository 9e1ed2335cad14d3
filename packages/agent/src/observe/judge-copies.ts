import {
  activeRecordOf,
  type CopyJudgement,
  type CopyObservation,
  type CopyReport,
  type CopySituation,
  copyRecordOf,
  type DatasetName,
  isAwaitingFormer,
  isUnconnected,
  judgeCopy,
  mayMount,
  newestGeneration,
  type ServerName,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import { ownDatasets } from '../own-store.ts';
import { didTargetDecline } from './did-target-decline.ts';
import { followedCopy } from './followed-copy.ts';
import { isHeldByRun } from './held-by-run.ts';
import type { LocalLook } from './look-here.ts';
import { measureLag } from './measure-lag.ts';
import { syncReportOf } from './sync-report.ts';

/** One copy of this server, what is known of it, and what follows. */
export type JudgedCopy = {
  readonly dataset: DatasetName;
  readonly own: OwnStore;
  readonly situation: CopySituation;
  readonly judgement: CopyJudgement;
};

/** Judges every copy that the topology puts on this server from one look and what partners said. */
export function judgeCopies(
  parts: AgentParts,
  memory: AgentMemory,
  look: LocalLook,
): readonly JudgedCopy[] {
  return ownDatasets(parts).map(({ dataset, own }) => {
    const situation = situationOf({ parts, memory, look, dataset, own });
    return { dataset, own, situation, judgement: judgeCopy(situation) };
  });
}

export function copyReports(
  memory: AgentMemory,
  judged: readonly JudgedCopy[],
): readonly CopyReport[] {
  return judged.flatMap(({ situation, judgement }) =>
    situation.copy === undefined
      ? []
      : [
          {
            ...situation.copy,
            state: judgement.state,
            why: judgement.why,
            lag: situation.lag,
            ...syncOf(memory, situation.copy),
          },
        ],
  );
}

function syncOf(memory: AgentMemory, copy: CopyObservation): Pick<CopyReport, 'sync'> {
  const sync = copy.gate.isOpen ? syncReportOf(memory, copy) : undefined;
  return sync === undefined ? {} : { sync };
}

type Asked = {
  readonly parts: AgentParts;
  readonly memory: AgentMemory;
  readonly look: LocalLook;
  readonly dataset: DatasetName;
  readonly own: OwnStore;
};

function situationOf(asked: Asked): CopySituation {
  const { parts, memory, look, dataset, own } = asked;
  const { store } = own.engine;
  const storeLook = look.stores.find((each) => each.store === store);
  const copy = storeLook?.copies.find((each) => each.dataset === dataset);
  const record = activeRecordOf(memory.decisions, dataset);
  const activeBack = record === undefined ? undefined : memory.takenBack.get(record.active);
  // A source that went back in time is as good as silent, and nobody follows it (E10).
  const active = activeBack === undefined ? activeCopy(asked, record?.active) : undefined;
  const takenBack = memory.takenBack.get(store);
  const wanted = parts.topology.datasets.find(({ name }) => name === dataset);
  const silent = silentPartners(parts, memory, dataset);
  const sinceMs = (known: ReadonlyMap<string, number>): number =>
    look.atBootMs - (known.get(copyKey(dataset, own)) ?? look.atBootMs);
  const isHeld = isHeldByRun({ runs: look.runs, dataset, store, record, copy });
  return {
    dataset,
    store,
    isStoreUp: storeLook?.isUp === true,
    copy,
    isUnreadable: copy === undefined && storeLook?.datasets?.includes(dataset) !== false,
    record,
    copyRecord: copyRecordOf(memory.decisions, { dataset, store }),
    lag: measureLag({ memory, copy, active, atBootMs: look.atBootMs, record }),
    active,
    followed: followedCopy(memory, look, copy),
    unshown: whyUnshown(memory, { dataset, store, record }),
    awaitingMs: sinceMs(memory.awaitingSinceMs),
    unconnectedMs: sinceMs(memory.unconnectedSinceMs),
    isFollowedBack: copy?.following !== undefined && memory.takenBack.has(copy.following.link.from),
    mountedElsewhere: newestGeneration(
      copiesSeen(asked)
        .filter((each) => each.store !== store)
        .map(({ mountedGeneration }) => mountedGeneration),
    ),
    applyErrorsGrew: haveErrorsGrown(memory, copy),
    takenBack,
    doing: memory.doing.get(dataset),
    isHeld: isHeld || activeBack !== undefined,
    mount: mayMount({
      store,
      copy,
      record,
      silent,
      by: 'itself',
      isVoted: parts.mountRight.isVoted,
      activation: memory.activation,
      didTargetDecline: didTargetDecline(parts, memory, { copy, record }),
      takenBack,
    }),
    stores: wanted?.copies.map((each) => each.store) ?? [],
    limits: parts.topology.limits,
  };
}

/** A copy seeded since has another line; one whose active copy has changed may be shown again. */
function whyUnshown(
  { unshown }: AgentMemory,
  { dataset, store, record }: Pick<CopySituation, 'dataset' | 'store' | 'record'>,
): string | undefined {
  const known = unshown.get(`${dataset} ${store}`);
  return known?.since === record?.since ? known?.why : undefined;
}

/**
 * What the active copy's agent said of it in this cycle, or what was seen of it here. Of a store
 * that was not said who it is nothing is believed: it may have been taken back in time, and a good
 * copy would be given up for what is missing there (E10).
 */
function activeCopy(asked: Asked, active: string | undefined): CopyObservation | undefined {
  const isUnproven = [...asked.memory.partners.values()].some(
    (view) =>
      !view.isSilent &&
      view.report.stores.some(({ store, identity }) => store === active && identity === undefined),
  );
  return isUnproven ? undefined : copiesSeen(asked).find((each) => each.store === active);
}

/** Every copy of the dataset that was seen here, or that an agent told of in this cycle. */
function copiesSeen({ memory, look, dataset }: Asked): readonly CopyObservation[] {
  const here = look.stores.flatMap((each) => each.copies);
  const there = [...memory.partners.values()].flatMap((view) =>
    view.isSilent ? [] : view.report.copies,
  );
  return [...here, ...there].filter((each) => each.dataset === dataset);
}

/**
 * Servers with another copy whose decisions could not be read: one that never answered since this
 * agent began, one that is silent now, and one whose store is down and may know what it cannot say,
 * or was taken back in time and may have forgotten what it knew (E10).
 */
export function silentPartners(
  { topology, server }: AgentParts,
  memory: AgentMemory,
  dataset: DatasetName,
): readonly ServerName[] {
  const copies = topology.datasets.find(({ name }) => name === dataset)?.copies ?? [];
  const silent = copies.flatMap(({ store }) => {
    const at = topology.stores.find(({ name }) => name === store)?.server;
    if (at === undefined || at === server) return [];
    const view = memory.partners.get(at);
    const isRead =
      view?.isSilent === false &&
      !memory.takenBack.has(store) &&
      view.report.stores.some((each) => each.store === store && each.isUp);
    return isRead ? [] : [at];
  });
  return [...new Set(silent)].sort();
}

function haveErrorsGrown(memory: AgentMemory, copy: CopyObservation | undefined): boolean {
  if (copy?.following === undefined) return false;
  const before = memory.applyErrors.get(copy.dataset);
  return before !== undefined && (before.grew || copy.following.applyErrors > before.count);
}

/** Remembers since when a copy has been waiting for a source, look by look. */
export function rememberAwaiting(
  { awaitingSinceMs, unconnectedSinceMs }: AgentMemory,
  { atBootMs }: LocalLook,
  judged: readonly JudgedCopy[],
): void {
  const remember = (known: Map<string, number>, key: string, is: boolean): void => {
    if (!is) known.delete(key);
    else if (!known.has(key)) known.set(key, atBootMs);
  };
  for (const { dataset, own, situation } of judged) {
    const key = copyKey(dataset, own);
    remember(awaitingSinceMs, key, isAwaitingFormer(situation));
    remember(unconnectedSinceMs, key, isUnconnected(situation));
  }
}

export function copyKey(dataset: DatasetName, { engine }: OwnStore): string {
  return `${dataset} ${engine.store}`;
}

/** Remembers the counts of this cycle, for the next one to compare with. */
export function rememberApplyErrors(memory: AgentMemory, look: LocalLook): void {
  for (const copy of look.stores.flatMap((each) => each.copies)) {
    const count = copy.following?.applyErrors ?? 0;
    const before = memory.applyErrors.get(copy.dataset);
    const grew = before !== undefined && count > before.count;
    memory.applyErrors.set(copy.dataset, { count, grew });
  }
}
