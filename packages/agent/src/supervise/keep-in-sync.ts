import {
  type ActiveRecord,
  activeRecordOf,
  type CopyObservation,
  judgeSync,
  type StoreName,
  type SyncJudgement,
  type SyncReport,
  syncPartner,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { AgentMemory, HeldMount, SyncMemory } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { ownStoreNamed } from '../own-store.ts';

/**
 * One round: looks at every mount with a synchronous copy and does what follows (V7). Runs beside
 * the cycle and the renewals, so that no silent partner delays it and it delays no renewal.
 */
export async function keepInSync(hands: Hands): Promise<void> {
  const held = [...hands.memory.mounts.values()];
  await Promise.all(held.map((each) => keepOneInTime(hands, each)));
}

async function keepOneInTime(hands: Hands, held: HeldMount): Promise<void> {
  const { parts, memory } = hands;
  const { storeTimeoutMs, syncPatienceMs } = parts.topology.limits;
  // An act waits for the copy at most for its patience, and a store answers or does not.
  const ms = syncPatienceMs + storeTimeoutMs;
  const what = `the synchronous copy of ${held.dataset}`;
  try {
    await memory.patience.within({ ms, what }, () => keepOne(hands, held));
  } catch (error) {
    parts.log.say('warn', wordsOf(error));
  }
}

async function keepOne(hands: Hands, held: HeldMount): Promise<void> {
  const { parts, memory } = hands;
  const { dataset } = held;
  const own = ownStoreNamed(parts, held.store);
  if (own === undefined) return;
  const partner = partnerOf(parts, held);
  const known = memory.sync.get(dataset);
  if (partner === undefined && known === undefined && memory.isSyncSettled.has(dataset)) return;
  const [copy] = await own.engine.observe(dataset);
  if (copy === undefined || !copy.gate.isOpen || copy.gate.generation !== held.generation) return;
  const record = activeRecordOf(memory.decisions, dataset);
  if (record === undefined) return;
  const judged = judge(hands, { held, copy, partner, record });
  const done = await act(hands, { own, held, judged });
  if (judged.action === undefined) memory.isSyncSettled.add(dataset);
  remember(hands, { held, partner, judged, done });
}

function partnerOf({ topology }: AgentParts, { dataset, store }: HeldMount): StoreName | undefined {
  const wanted = topology.datasets.find(({ name }) => name === dataset);
  return wanted && syncPartner(wanted, store);
}

type Looked = {
  readonly held: HeldMount;
  readonly copy: CopyObservation;
  readonly partner: StoreName | undefined;
  readonly record: ActiveRecord;
};

function judge({ parts, memory }: Hands, { held, copy, partner, record }: Looked): SyncJudgement {
  const known = ofMount(memory, held);
  return judgeSync({
    copy,
    partner,
    record,
    recorded: parts.mountRight.inSync(rightOf(held)),
    mark: known?.mark,
    nowMs: parts.clock.bootMs(),
    patienceMs: parts.topology.limits.syncPatienceMs,
    restUntilMs: known?.restUntilMs ?? 0,
  });
}

/** What was remembered under another generation is not of this mount. */
function ofMount({ sync }: AgentMemory, held: HeldMount): SyncMemory | undefined {
  const known = sync.get(held.dataset);
  return known?.generation === held.generation ? known : undefined;
}

function rightOf({ id, store, generation }: HeldMount) {
  return { dataset: id, store, generation };
}

type Acting = {
  readonly own: OwnStore;
  readonly held: HeldMount;
  readonly judged: SyncJudgement;
};

type Done = {
  /** Until when the copy is not waited for again. */
  readonly restUntilMs?: number;
  /** What came of it, where that was not what the table says. */
  readonly why?: string;
};

async function act(hands: Hands, acting: Acting): Promise<Done> {
  const { action } = acting.judged;
  if (action === undefined) return {};
  switch (action) {
    case 'waitForIt':
      return await waitForIt(hands, acting);
    case 'goOnWithout':
      return await goOnWithout(hands, acting);
    case 'recordNotInSync':
      await hands.parts.mountRight.recordInSync(rightOf(acting.held), undefined);
      return {};
  }
}

/** Y2: writes wait, it has all from before, and only then that is recorded. */
async function waitForIt(hands: Hands, acting: Acting): Promise<Done> {
  const { own, held, judged } = acting;
  const { limits } = hands.parts.topology;
  if (judged.slot === undefined) return {};
  const { link } = judged.slot;
  const { generation } = held;
  const order = { link, generation, timeoutMs: limits.syncPatienceMs };
  try {
    if (await own.engine.waitForCopy(order)) {
      const isRecorded = await hands.parts.mountRight.recordInSync(rightOf(held), link.to);
      return isRecorded ? {} : { why: 'no majority of the voters has recorded it yet' };
    }
  } catch (error) {
    if (!(error instanceof EngineRefusedError)) throw error;
    return { ...(await goOnWithout(hands, acting)), why: error.message };
  }
  const why = 'it did not get all that was written before, and writes waited for it in vain';
  return { ...(await goOnWithout(hands, acting)), why };
}

/** Y1: who takes over must not be told that nothing is missing once anything may be. */
async function goOnWithout(hands: Hands, { own, held }: Acting): Promise<Done> {
  const { mountRight, clock, topology } = hands.parts;
  const { dataset, generation } = held;
  const { storeTimeoutMs, syncRestMs } = topology.limits;
  if (!(await mountRight.recordInSync(rightOf(held), undefined))) {
    // Writes wait on: without a majority the mount is over in a moment anyway.
    return { why: 'writes wait: no majority of the voters records that it is not in sync' };
  }
  await own.engine.goOnWithoutCopy({ dataset, generation, timeoutMs: storeTimeoutMs });
  return { restUntilMs: clock.bootMs() + syncRestMs };
}

type Seen = {
  readonly held: HeldMount;
  readonly partner: StoreName | undefined;
  readonly judged: SyncJudgement;
  readonly done: Done;
};

function remember({ parts, memory }: Hands, { held, partner, judged, done }: Seen): void {
  const { dataset, generation } = held;
  const known = ofMount(memory, held);
  const { mark } = judged;
  if (partner === undefined) {
    memory.sync.delete(dataset);
    return;
  }
  const report = reportOf(parts, { held, partner, why: done.why ?? judged.why }, memory);
  if (report.isInSync !== known?.report.isInSync) {
    const word = report.isInSync ? 'is in sync' : 'is not in sync';
    parts.log.say(
      report.isInSync ? 'info' : 'warn',
      `${dataset} on ${partner} ${word}: ${report.why}`,
    );
  }
  const restUntilMs = done.restUntilMs ?? known?.restUntilMs ?? 0;
  memory.sync.set(dataset, { generation, mark, restUntilMs, report });
}

function reportOf(
  { mountRight, clock }: AgentParts,
  {
    held,
    partner,
    why,
  }: { readonly held: HeldMount; readonly partner: StoreName; readonly why: string },
  { sync }: AgentMemory,
): SyncReport {
  const isInSync = mountRight.inSync(rightOf(held)) === partner;
  const before = sync.get(held.dataset)?.report;
  const isSame = before?.copy === partner && before.isInSync === isInSync;
  return { copy: partner, isInSync, sinceMs: isSame ? before.sinceMs : clock.nowMs(), why };
}
