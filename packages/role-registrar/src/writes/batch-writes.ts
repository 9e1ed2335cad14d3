import { notServing, Problem, unknownOutcome } from '../problem.ts';
import { isDefinite } from '../data/open-database.ts';

// Group commit: writes that wait while one transaction commits go into the next one together.
//
// I1. A write is answered only after its transaction's COMMIT returned (decisions/0018).
// I2. A batch that fails with nothing done is repeated write by write, so that one bad write fails
//     alone. A batch with an unknown outcome is not repeated here: its clients ask again (E13).
// I3. One batch at a time: two with rows in common could wait for each other.

export type Batches<Row, Answer> = {
  /** The answer for this row; undefined where the statement left the row out. */
  submit(row: Row): Promise<Answer | undefined>;
  /** Refuses what waits and all that comes. */
  close(): void;
};

export type BatchOptions<Row, Answer> = {
  /** Rows of one key never stand in one batch: ON CONFLICT refuses to meet a row twice. */
  readonly keyOf: (row: Row) => string;
  /** One transaction; answers by key. */
  readonly runBatch: (rows: readonly Row[]) => Promise<ReadonlyMap<string, Answer>>;
};

const batchRowsMax = 128;
const waitingMax = 5_000;

type Waiting<Row, Answer> = {
  readonly row: Row;
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: unknown) => void;
};

export function createBatches<Row, Answer>(
  options: BatchOptions<Row, Answer>,
): Batches<Row, Answer> {
  let waiting: Waiting<Row, Answer>[] = [];
  let isRunning = false;
  let isClosed = false;
  const drain = async () => {
    if (isRunning) return;
    isRunning = true;
    // Ends: each turn takes at least one row off a bounded queue, and an empty one is left alone.
    while (waiting.length > 0) {
      const { batch, rest } = nextBatch(waiting, options.keyOf);
      waiting = rest;
      await settle(batch, options);
    }
    isRunning = false;
  };
  return {
    submit: async (row) => {
      if (isClosed) throw notServing('this pool is not mounted here any more');
      if (waiting.length >= waitingMax) throw notServing('too many changes are waiting here');
      return await new Promise<Answer | undefined>((resolve, reject) => {
        waiting.push({ row, resolve, reject });
        void drain();
      });
    },
    close: () => {
      isClosed = true;
      for (const { reject } of waiting) reject(notServing('this pool was closed here'));
      waiting = [];
    },
  };
}

function nextBatch<Row, Answer>(
  waiting: readonly Waiting<Row, Answer>[],
  keyOf: (row: Row) => string,
) {
  const keys = new Set<string>();
  const batch: Waiting<Row, Answer>[] = [];
  const rest: Waiting<Row, Answer>[] = [];
  for (const each of waiting) {
    const key = keyOf(each.row);
    const fits = batch.length < batchRowsMax && !keys.has(key);
    (fits ? batch : rest).push(each);
    // Also when it did not fit: what waits for one key keeps its order.
    keys.add(key);
  }
  return { batch, rest };
}

async function settle<Row, Answer>(
  batch: readonly Waiting<Row, Answer>[],
  options: BatchOptions<Row, Answer>,
): Promise<void> {
  try {
    const answers = await options.runBatch(batch.map(({ row }) => row));
    for (const { row, resolve } of batch) resolve(answers.get(options.keyOf(row)));
  } catch (error) {
    if (batch.length > 1 && isDefinite(error)) {
      for (const each of batch) await settle([each], options);
      return;
    }
    for (const { reject } of batch) reject(ownProblem(error));
  }
}

/** The store's ERROR about one write, in words that tell the client what to change. */
function ownProblem(error: unknown): Error {
  if (error instanceof Problem) return error;
  if (!isDefinite(error)) return unknownOutcome('the store broke off');
  const refusal = /^(22|23)/.test(error.code);
  const what = refusal ? `the store refused it: ${error.message}` : 'the store could not do it now';
  const todo = refusal ? 'change the request' : 'ask again; nothing was done';
  return Object.assign(
    new Problem(refusal ? 'refused' : 'unavailable', {
      what,
      todo,
      ...(!refusal && { retryAfterMs: 100 }),
    }),
    { cause: error },
  );
}
