// One writer at every instant, judged from outside.
//
// W1. Under one generation no two stores are ever seen to accept writes.
// W2. Once a write was accepted under a generation, nothing begun later is accepted under a lower.
//
// A sight is true at some instant between `startMs` and `endMs`. Two sights contradict each other
// only where every choice of instants does, so the earliest end and the latest start of each
// generation and store say all that millions of sights can.

/** Somebody was seen to write, or an open gate was seen, under a generation. */
export type Sight = {
  readonly pool: string;
  /** Of these one took the write; more than one where servers hand a mount on to each other. */
  readonly stores: readonly string[];
  readonly generation: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly how: 'acknowledged' | 'rawWrite' | 'openGate';
};

export type WriterEvidence = {
  add(sight: Sight): void;
  /** What contradicts one writer, in words; empty when nothing does. */
  contradictions(): readonly string[];
};

type Span = Pick<Sight, 'pool' | 'stores' | 'generation'> & {
  firstEnd: Sight;
  lastStart: Sight;
};

export function createWriterEvidence(): WriterEvidence {
  const spans = new Map<string, Span>();
  return {
    add: (sight) => {
      const { pool, stores, generation } = sight;
      const key = `${pool} ${stores.join()} ${generation}`;
      const span = spans.get(key);
      if (span === undefined) {
        spans.set(key, { pool, stores, generation, firstEnd: sight, lastStart: sight });
        return;
      }
      if (sight.endMs < span.firstEnd.endMs) span.firstEnd = sight;
      if (sight.startMs > span.lastStart.startMs) span.lastStart = sight;
    },
    contradictions: () => {
      const all = [...spans.values()];
      return all.flatMap((one, index) =>
        all.slice(index + 1).flatMap((other) => contradictionOf(one, other)),
      );
    },
  };
}

function contradictionOf(one: Span, other: Span): readonly string[] {
  if (one.pool !== other.pool) return [];
  if (one.generation === other.generation) {
    if (one.stores.some((store) => other.stores.includes(store))) return [];
    const both = `${show(one.firstEnd)}, and ${show(other.firstEnd)}`;
    return [`two writers of pool ${one.pool} under generation ${one.generation}: ${both}`];
  }
  const [older, newer] = one.generation < other.generation ? [one, other] : [other, one];
  if (newer.firstEnd.endMs >= older.lastStart.startMs) return [];
  const words = `${show(newer.firstEnd)}, and after that ${show(older.lastStart)}`;
  return [`a writer of pool ${one.pool} that should have ended went on: ${words}`];
}

const sightWords = {
  acknowledged: 'acknowledged a write',
  rawWrite: 'took a raw write',
  openGate: 'had an open gate',
} as const;

function show({ stores, generation, how, endMs }: Sight): string {
  const at = new Date(endMs).toISOString().slice(11, 23);
  return `${stores.join(' or ')} ${sightWords[how]} under generation ${generation} at ${at}`;
}
