import {
  type ActiveRecord,
  type CopyLag,
  type CopyObservation,
  isSameLink,
  lagBytes,
  type LastWord,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { HeardBeat } from './watch-heartbeats.ts';

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
  memory.heartbeats.watch(copy, atBootMs);
  const own = memory.heartbeats.heard(copy, atBootMs);
  if (record?.active === copy.store) {
    return { receiveBytes: 0, applyBytes: 0, writes: 0, heartbeatAgeMs: 0, ...rateOf(own) };
  }
  const { dataset } = copy;
  const theirs = record && memory.heartbeats.heard({ dataset, store: record.active }, atBootMs);
  return {
    ...bytesBehind(copy, active),
    ...writesBehind(copy, active),
    ...(own === undefined ? {} : { heartbeatAgeMs: own.ageMs, lastWord: lastWord(own, theirs) }),
    ...rateOf(own, theirs),
  };
}

function rateOf(...heard: readonly (HeardBeat | undefined)[]): Pick<CopyLag, 'writesPerSecond'> {
  const known = heard.flatMap((beat) => beat?.writesPerSecond ?? []);
  return known.length === 0 ? {} : { writesPerSecond: Math.max(...known) };
}

/**
 * The farther one of the heartbeat that was applied here and of what the active copy's agent said
 * last, which holds when it is silent too. Both are of one generation, or the agent's says nothing;
 * what is in the nearer one was written before the farther one, so the later bound holds.
 */
function lastWord(own: HeardBeat, theirs: HeardBeat | undefined): LastWord {
  const isComparable = theirs?.generation === own.generation;
  const writes = isComparable ? Math.max(0, theirs.writes - own.writes) : 0;
  const words = isComparable ? [own, theirs] : [own];
  const ages = words.flatMap(({ sinceLookMs }) => sinceLookMs ?? []);
  return { writes, ...(ages.length === 0 ? {} : { ageMs: Math.min(...ages) }) };
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
