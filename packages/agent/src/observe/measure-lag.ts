import {
  type ActiveRecord,
  type CopyLag,
  type CopyObservation,
  isSameLink,
  lagBytes,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';

export type LagQuestion = {
  readonly memory: AgentMemory;
  readonly copy: CopyObservation | undefined;
  /** What the active copy's agent said of it in this cycle. */
  readonly active: CopyObservation | undefined;
  readonly record: ActiveRecord | undefined;
  readonly atBootMs: number;
};

/** How far a copy is behind; figures that cannot be known now are left out. */
export function measureLag({ memory, copy, active, record, atBootMs }: LagQuestion): CopyLag {
  if (copy === undefined) return {};
  const age = memory.heartbeats.watch(copy, atBootMs);
  const rate = age?.writesPerSecond;
  const writesPerSecond = rate === undefined ? {} : { writesPerSecond: rate };
  if (record?.active === copy.store) {
    return { receiveBytes: 0, applyBytes: 0, writes: 0, heartbeatAgeMs: 0, ...writesPerSecond };
  }
  return {
    ...bytesBehind(copy, active),
    ...writesBehind(copy, active),
    ...(age === undefined ? {} : { heartbeatAgeMs: age.ageMs }),
    ...writesPerSecond,
  };
}

/** Both LSNs are the active store's: what it has written, what arrived, what was confirmed. */
function bytesBehind(
  { following }: CopyObservation,
  active: CopyObservation | undefined,
): Pick<CopyLag, 'receiveBytes' | 'applyBytes'> {
  const received = following?.receivedLsn;
  if (active === undefined || following === undefined || received === undefined) return {};
  const slot = active.slots.find(({ link }) => isSameLink(link, following.link));
  const confirmed = slot?.confirmedLsn;
  return {
    receiveBytes: lagBytes(received, active.writtenLsn),
    ...(confirmed === undefined ? {} : { applyBytes: lagBytes(confirmed, received) }),
  };
}

/** Counts of one generation's statistics; those of two mean nothing together. */
function writesBehind(
  { heartbeat }: CopyObservation,
  active: CopyObservation | undefined,
): Pick<CopyLag, 'writes'> {
  const theirs = active?.heartbeat;
  if (heartbeat === undefined || theirs === undefined) return {};
  if (heartbeat.generation !== theirs.generation) return {};
  return { writes: Math.max(0, theirs.writes - heartbeat.writes) };
}
