import { firstAtOrAfter, type Window } from '../measure/attempt-series.ts';
import { createWriterEvidence, type Sight, type WriterEvidence } from './writer-evidence.ts';

/** A write that somebody was told is done: what, when, by whom. */
export type Acknowledged = {
  readonly id: string;
  /** `kept`: a message that waits for its phone, known by its body. */
  readonly table: 'messages' | 'contacts' | 'kept';
  readonly pool: string;
  /** Stores that the server which said so may write to. */
  readonly stores: readonly string[];
  /** The generation that the answer carried, where it carries one. */
  readonly generation?: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Acknowledged in limited mode: it waits at the backup pool. */
  readonly isQueued?: boolean;
  /** Of a queued note: whose they are that keep their order. */
  readonly client?: string;
};

export type KeptWrite = Omit<Acknowledged, 'generation' | 'startMs'>;

/** The clients' own record of what was acknowledged to them; nothing else is believed. */
export type WriteLedger = {
  add(write: Acknowledged, how?: Sight['how']): void;
  /** All of one pool, in the order of acknowledgement. */
  of(pool: string): readonly KeptWrite[];
  count(window: Window): number;
  /** Of these, those that were acknowledged in limited mode. */
  countQueued(window: Window): number;
  /** Who was seen to write under which generation. */
  readonly evidence: WriterEvidence;
};

export function createWriteLedger(pools: readonly string[]): WriteLedger {
  const writes = new Map<string, KeptWrite[]>(pools.map((pool) => [pool, []]));
  const endings: number[] = [];
  const queued: number[] = [];
  const evidence = createWriterEvidence();
  return {
    add: ({ generation, startMs, ...write }, how = 'acknowledged') => {
      const { pool, stores, endMs } = write;
      writes.get(pool)?.push(write);
      endings.push(endMs);
      if (write.isQueued === true) queued.push(endMs);
      if (generation === undefined) return;
      evidence.add({ pool, stores, generation, startMs, endMs, how });
    },
    of: (pool) => writes.get(pool) ?? [],
    count: (window) => countIn(endings, window),
    countQueued: (window) => countIn(queued, window),
    evidence,
  };
}

function countIn(endings: readonly number[], { fromMs, toMs }: Window): number {
  return firstAtOrAfter(endings, toMs) - firstAtOrAfter(endings, fromMs);
}
