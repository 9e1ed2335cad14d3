import {
  asGeneration,
  type DatasetName,
  type FenceMarker,
  type Generation,
  type Position,
} from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import {
  EngineRefusedError,
  type FenceRequest,
  type GateOpened,
  type GateRenewed,
  type GateTime,
  StoreDownError,
} from '../dataset-engine.ts';
import { type FakeCopy, type FakeWriter, showLsn } from './fake-copy.ts';
import { checkWhole } from './fake-following.ts';
import { isGateOpen, tablesHashOf } from './fake-look.ts';
import { commitHere, type FakeParts, pollMs, requireCopy } from './fake-parts.ts';
import type { FakeStore } from './fake-store.ts';
import { awaitCopy } from './fake-sync.ts';
import { freezeWayBack } from './fake-way-back.ts';

// Who may write into a fake copy, and when: mount, renew, beat, fence, the marker, and a write.

/** The clock that times gates here. */
export async function readGateClock(parts: FakeParts, dataset: DatasetName): Promise<number> {
  await requireCopy(parts, dataset);
  return parts.on.shownMs;
}

/** Opens the gate for a generation above any that this copy has mounted (E1). */
export async function mount(
  parts: FakeParts,
  order: GateTime & { readonly holder: string },
): Promise<GateOpened> {
  const { on } = parts;
  const copy = await requireCopy(parts, order.dataset);
  const { generation, holder } = order;
  if (copy.subscription) throw new EngineRefusedError(`${order.dataset} is not detached`);
  if (copy.gate?.generation === generation && isGateOpen(on, copy)) return copy.gate;
  if (generation <= copy.mountedGeneration || generation < copy.generationSeen) {
    throw new EngineRefusedError(
      `generation ${generation} is not above ${copy.mountedGeneration}, mounted here before`,
    );
  }
  checkWhole(copy, on.name);
  freezeWayBack(parts, copy);
  copy.generationSeen = generation;
  copy.mountedGeneration = generation;
  copy.handedOver = undefined;
  copy.handedOverLsn = undefined;
  const validUntilMs = countedFrom(on, order) + order.validForMs;
  copy.gate = { generation, holder, start: on.start, validUntilMs };
  return { validUntilMs };
}

/** Moves the gate's end, never back; a gate that was shut or has run out stays so (E1). */
export async function renew(parts: FakeParts, order: GateTime): Promise<GateRenewed | undefined> {
  const copy = await requireCopy(parts, order.dataset);
  const { gate } = copy;
  if (gate?.generation !== order.generation || !isGateOpen(parts.on, copy)) return undefined;
  const { on } = parts;
  gate.validUntilMs = Math.max(gate.validUntilMs, countedFrom(on, order) + order.validForMs);
  const answer = { validUntilMs: gate.validUntilMs, clockMs: on.shownMs };
  return on.world.renewed?.(on.name, answer) ?? answer;
}

/** V1: a gate's time counts from a reading before the right to it was asked for. */
function countedFrom({ faults, gateMs, shownMs }: FakeStore, { fromMs }: GateTime): number {
  if (fromMs === undefined || faults.has('V1')) return gateMs;
  // Without V3 an agent goes by what it is shown, and the gate by its clock.
  return faults.has('V3') ? gateMs - (shownMs - fromMs) : fromMs;
}

/** Writes the heartbeat through the gate; false when it is shut. */
export async function beat(
  parts: FakeParts,
  { dataset, generation }: Pick<GateTime, 'dataset' | 'generation'>,
): Promise<boolean> {
  const copy = await requireCopy(parts, dataset);
  const isOpen = isGateOpen(parts.on, copy) && copy.gate?.generation === generation;
  if (!isOpen || copy.isFencing) return false;
  const number = (copy.heartbeat?.number ?? 0) + 1;
  const { writes, migration } = copy;
  const heartbeat = { generation, number, writes, tablesHash: tablesHashOf(copy), migration };
  commitHere(parts, copy, { kind: 'heartbeat', heartbeat });
  return true;
}

/** Closes the gate with nobody inside; with `handOver` the marker is written with it (E3). */
export async function fence(parts: FakeParts, order: FenceRequest): Promise<Position> {
  const copy = await requireCopy(parts, order.dataset);
  const { generation, handOver } = order;
  await emptyGate(parts, copy, order.drainMs);
  copy.isFencing = false;
  checkFence(copy, order);
  if (copy.gate) copy.gate.validUntilMs = 0;
  const { run, attempt } = copy.handedOver ?? {};
  if (handOver && (run !== handOver.run || attempt !== handOver.attempt)) {
    const { dataset } = order;
    const tables = { tablesHash: tablesHashOf(copy), migration: copy.migration };
    const { target: _, ...by } = handOver;
    commitHere(parts, copy, { kind: 'marker', marker: { dataset, generation, ...by, ...tables } });
    copy.handedOver = { generation, ...handOver };
    copy.handedOverLsn = parts.on.lsn;
  }
  return { generation, lsn: showLsn(copy.handedOverLsn ?? parts.on.lsn) };
}

/** Judged when nobody is inside: a mount may have come in between. */
function checkFence(copy: FakeCopy, { dataset, generation, handOver }: FenceRequest): void {
  if (copy.mountedGeneration !== generation) {
    throw new EngineRefusedError(`${dataset} is not mounted at generation ${generation}`);
  }
  const before = copy.handedOver;
  if (before && before.run === handOver?.run && before.attempt > handOver.attempt) {
    throw new EngineRefusedError(`${dataset} was handed over by attempt ${before.attempt}`);
  }
}

/** Lets writers finish for `drainMs`, then ends them; nobody new comes in meanwhile. */
async function emptyGate({ on }: FakeParts, copy: FakeCopy, drainMs: number): Promise<void> {
  const { clock } = on.world;
  const untilMs = clock.bootMs() + drainMs;
  const { start } = on;
  copy.isFencing = true;
  while (copy.inside.size > 0 && clock.bootMs() < untilMs) await clock.sleep(pollMs);
  if (!on.isUp || on.start !== start) throw new StoreDownError(`store ${on.name} was restarted`);
  for (const writer of copy.inside) writer.isKilled = true;
  copy.inside.clear();
}

type Awaited = {
  readonly marker: Omit<FenceMarker, 'tablesHash' | 'migration'>;
  readonly timeoutMs: number;
};

/** Waits until this very marker is here, and flushes it and all before it (E1, E8). */
export async function awaitMarker(
  parts: FakeParts,
  { marker, timeoutMs }: Awaited,
): Promise<Position> {
  const { clock } = parts.on.world;
  const untilMs = clock.bootMs() + timeoutMs;
  for (;;) {
    const copy = await requireCopy(parts, marker.dataset);
    if (copy.marker && (parts.on.faults.has('E1') || isMarker(copy.marker, marker))) {
      checkSame(copy);
      copy.flush();
      const lsn = copy.subscription?.applied ?? copy.originOf?.lsn;
      if (lsn !== undefined) return { generation: marker.generation, lsn: showLsn(lsn) };
      throw new EngineRefusedError(`${marker.dataset} has the marker but follows nobody`);
    }
    if (clock.bootMs() >= untilMs) {
      throw new TimedOutError(`the fence marker of ${marker.dataset} did not arrive`);
    }
    await clock.sleep(pollMs);
  }
}

/** E8: both sides mean the same tables. */
function checkSame(copy: FakeCopy): void {
  const { marker, migration } = copy;
  if (marker?.tablesHash === tablesHashOf(copy) && marker.migration === migration) return;
  throw new EngineRefusedError(`the active copy of ${copy.dataset} has other tables than this one`);
}

function isMarker(seen: FenceMarker, wanted: Awaited['marker']): boolean {
  const { generation, run, attempt } = wanted;
  return seen.generation === generation && seen.run === run && seen.attempt === attempt;
}

export type FakeWrite = {
  readonly dataset: DatasetName;
  readonly generation: number;
  readonly row: string;
  /** Or what becomes of the value that stands there, which is looked at in the COMMIT. */
  readonly value: string | ((before: string | undefined) => string);
  readonly tookMs: number;
};

/** A role's write transaction: enters the gate, takes `tookMs`, checks again in its COMMIT. */
export async function write(parts: FakeParts, order: FakeWrite): Promise<void> {
  const { on } = parts;
  const copy = await requireCopy(parts, order.dataset);
  const generation = asGeneration(order.generation);
  if (copy.isFencing) throw new EngineRefusedError('the gate is closing');
  checkGate(parts, copy, generation);
  const writer = { isKilled: false, isWaiting: false };
  if (!on.faults.has('E3')) copy.inside.add(writer);
  try {
    await writeInside(parts, { order, copy, writer });
  } finally {
    copy.inside.delete(writer);
  }
}

type Inside = {
  readonly order: FakeWrite;
  readonly copy: FakeCopy;
  readonly writer: FakeWriter;
};

async function writeInside(parts: FakeParts, { order, copy, writer }: Inside): Promise<void> {
  const { on } = parts;
  const generation = asGeneration(order.generation);
  if (order.tookMs > 0) await on.world.clock.sleep(order.tookMs);
  // As with a server that went down, only another look tells whether it was committed.
  if (writer.isKilled) throw new StoreDownError('the session was ended by a fence');
  copy.inside.delete(writer);
  await on.reach();
  // E4: the gate is asked again inside of the COMMIT.
  if (!on.faults.has('E3') && !on.faults.has('E4')) checkGate(parts, copy, generation);
  const { row, value } = order;
  const next = typeof value === 'string' ? value : value(copy.rows.get(row));
  commitHere(parts, copy, { kind: 'write', row, value: next });
  on.world.committed?.({ dataset: order.dataset, store: on.name, generation });
  await awaitCopy(parts, copy, writer);
}

export function checkGate({ on }: FakeParts, copy: FakeCopy, generation: Generation): void {
  if (copy.gate?.generation === generation && isGateOpen(on, copy)) return;
  throw new EngineRefusedError(`the gate of ${copy.dataset} is shut for ${generation}`);
}
