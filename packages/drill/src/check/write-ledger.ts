import { firstAtOrAfter } from '../measure/attempt-series.ts';
import { createWriterEvidence, type Sight, type WriterEvidence } from './writer-evidence.ts';

/** A write that somebody was told is done: what, when, by whom. */
export type Acknowledged = {
  readonly id: string;
  /** `kept`: a message that waits for its phone, known by its body. */
  readonly table: 'messages' | 'contacts' | 'kept';
  readonly pool: string;
  /** The store of the server that said so. */
  readonly store: string;
  /** The generation that the answer carried, where it carries one. */
  readonly generation?: number;
  readonly startMs: number;
  readonly endMs: number;
};

export type KeptWrite = Pick<Acknowledged, 'id' | 'table' | 'pool' | 'store' | 'endMs'>;

/** The clients' own record of what was acknowledged to them; nothing else is believed. */
export type WriteLedger = {
  add(write: Acknowledged, how?: Sight['how']): void;
  /** All of one pool, in the order of acknowledgement. */
  of(pool: string): readonly KeptWrite[];
  count(window: { readonly fromMs: number; readonly toMs: number }): number;
  /** Who was seen to write under which generation. */
  readonly evidence: WriterEvidence;
};

export function createWriteLedger(pools: readonly string[]): WriteLedger {
  const writes = new Map<string, KeptWrite[]>(pools.map((pool) => [pool, []]));
  const endings: number[] = [];
  const evidence = createWriterEvidence();
  return {
    add: ({ id, table, pool, store, generation, startMs, endMs }, how = 'acknowledged') => {
      writes.get(pool)?.push({ id, table, pool, store, endMs });
      endings.push(endMs);
      if (generation === undefined) return;
      evidence.add({ pool, store, generation, startMs, endMs, how });
    },
    of: (pool) => writes.get(pool) ?? [],
    count: ({ fromMs, toMs }) => firstAtOrAfter(endings, toMs) - firstAtOrAfter(endings, fromMs),
    evidence,
  };
}
