import {
  type Generation,
  nextGeneration,
  newestGeneration,
  noGeneration,
  showGeneration,
} from '../generation.ts';
import type { DatasetId, StoreName } from '../ids.ts';
import { majorityOf } from './count-votes.ts';
import { isOfLease, type VoteRecord, type VoterName, type VoteWrite } from './vote-record.ts';
import { type RecordWatch, stillToWatchMs, type Watched } from './watch-records.ts';

// May this store take the lease, and by which writes? (V2, decisions/0029)
//
// T1. At each voter the very record that was watched is compared, and it may be replaced when its
//     holder released it, when it is the candidate's own, or when it stood still for its time.
// T2. What a holder released at one voter it gave up everywhere.
// T3. A voter that shows nothing while another shows a record has forgotten: it is not asked.
// T4. Who takes over follows a certain holder, and replaces only that one's records and its own. A
//     lease that another has won since stands at a majority, so at one of these, unless somebody
//     who followed that one has replaced it. What is not replaced proves nothing: it may have
//     been seen long ago. A record of before the followed one took over is older than any such
//     lease wherever it stands, so it may be replaced as well.
// T5. The generation is above all that was tried at any voter that is known, or it is the
//     candidate's own try that goes on.
// T6. A take that is to lose nothing replaces only records that call the candidate in sync: a
//     majority of these and a majority that was told otherwise have a voter in common (V7).

export type TakeQuestion = {
  readonly dataset: DatasetId;
  readonly voters: readonly VoterName[];
  readonly watch: RecordWatch;
  readonly candidate: StoreName;
  readonly generation: Generation;
  /** Whose lease it follows, its own maybe; undefined by an operator's word, or where none was. */
  readonly follows: StoreName | undefined;
  /** The generation by which that one took over, at a majority; absent where none did. */
  readonly followsSince?: Generation;
  /** Only if the candidate is recorded as in sync (T6). */
  readonly isLossless?: boolean;
  readonly leaseMs: number;
  /** On the clock of the watch. */
  readonly nowMs: number;
};

export type TakeChoice =
  | { readonly kind: 'take'; readonly writes: readonly VoteWrite[] }
  | {
      readonly kind: 'refused';
      readonly why: string;
      /** No time will make it right: another generation, or another plan, is needed. */
      readonly isOver?: true;
      /** When to ask again, where the passing of time alone will do. */
      readonly waitMs?: number;
    };

/** The compare-and-sets of a take, or why there are none to send. */
export function chooseTake(question: TakeQuestion): TakeChoice {
  const { voters } = question;
  const known = knownOf(question);
  const needed = majorityOf(voters.length);
  if (known.length < needed) {
    return refuse(`${known.length} of ${voters.length} voters answer, ${needed} are needed`);
  }
  const followed = known.filter((each) => isFollowed(question, each));
  const over =
    burntBy(question, known) ??
    (followed.length < needed ? otherHolder(question, known) : undefined) ??
    outOfSync(question, known);
  if (over !== undefined) return { ...refuse(over), isOver: true };
  const isFirst = known.length === voters.length && known.every(isEmpty);
  const judged = followed.map((each) => ({ ...each, waitMs: waitAt(question, each, isFirst) }));
  const free = judged.filter(({ waitMs }) => waitMs === 0);
  if (free.length >= needed) return { kind: 'take', writes: free.map(writeOf(question)) };
  const waits = judged.flatMap(({ waitMs }) => waitMs ?? []).toSorted((a, b) => a - b);
  const waitMs = waits[needed - 1];
  return { ...refuse(whyHeld(judged)), ...(waitMs === undefined ? {} : { waitMs }) };
}

/** The highest generation that any of these records names or remembers. */
export function newestTried(records: readonly (VoteRecord | undefined)[]): Generation {
  return newestGeneration(
    records.flatMap((record) => (record === undefined ? [] : [record.generation, record.tried])),
  );
}

/** The generation after all that was tried and all of `seen`. */
export function generationToTake(watch: RecordWatch, seen: Iterable<Generation>): Generation {
  const records = [...watch.values()].map(({ record }) => record);
  return nextGeneration(newestGeneration([newestTried(records), ...seen]));
}

/** A try of its own may be gone on with: nobody else's record has that generation. */
function burntBy(
  { generation, candidate }: TakeQuestion,
  known: readonly Known[],
): string | undefined {
  const records = known.flatMap(({ watched }) => watched.record ?? []);
  const burnt = newestTried(records);
  const isOwn = records.every(
    (record) =>
      newestTried([record]) < generation ||
      (isOfLease(record, { holder: candidate, generation }) && !record.isReleased),
  );
  if (generation > burnt || (generation === burnt && isOwn)) return undefined;
  const [asked, tried] = [showGeneration(generation), showGeneration(burnt)];
  return `generation ${tried} was tried already, so ${asked} is too low`;
}

function isFollowed(question: TakeQuestion, { watched: { record } }: Known): boolean {
  const { candidate, follows, followsSince = noGeneration } = question;
  if (follows === undefined || record === undefined) return true;
  return [follows, candidate].includes(record.holder) || record.generation < followsSince;
}

/** The newest lease in the way: of neither the candidate nor the one that it follows (T4). */
function otherHolder(question: TakeQuestion, known: readonly Known[]): string | undefined {
  const [other] = known
    .flatMap((each) => (isFollowed(question, each) ? [] : (each.watched.record ?? [])))
    .toSorted((left, right) => right.generation - left.generation);
  if (other === undefined) return undefined;
  const by = showGeneration(other.generation);
  return `${other.holder} may have held it under generation ${by}, since ${question.follows} did`;
}

function outOfSync(question: TakeQuestion, known: readonly Known[]): string | undefined {
  if (question.isLossless !== true) return undefined;
  const { voters, candidate } = question;
  const agreeing = known.filter((each) => saysInSync(question, each)).length;
  if (agreeing >= majorityOf(voters.length)) return undefined;
  return `${agreeing} of ${voters.length} voters record ${candidate} as in sync`;
}

/** A try of its own, under this very generation, has found it so before. */
function saysInSync({ candidate, generation }: TakeQuestion, { watched }: Known): boolean {
  const { record } = watched;
  return record?.inSync === candidate || isOfLease(record, { holder: candidate, generation });
}

type Known = { readonly voter: VoterName; readonly watched: Watched };

/** What the voters have shown, those left out that never answered. */
function knownOf({ voters, watch }: TakeQuestion): readonly Known[] {
  return voters.flatMap((voter) => {
    const watched = watch.get(voter);
    return watched === undefined ? [] : [{ voter, watched }];
  });
}

function isEmpty({ watched }: Known): boolean {
  return watched.record === undefined;
}

/** 0 where the record may be replaced now; undefined where time alone will not do. */
function waitAt(question: TakeQuestion, known: Known, isFirst: boolean): number | undefined {
  const { watched } = known;
  const { record } = watched;
  if (record === undefined) return isFirst ? 0 : undefined;
  if (question.isLossless === true && !saysInSync(question, known)) return undefined;
  if (record.holder === question.candidate || isGivenUp(question.watch, record)) return 0;
  return stillToWatchMs(watched, question.nowMs);
}

function isGivenUp(watch: RecordWatch, record: VoteRecord): boolean {
  if (record.isReleased) return true;
  return [...watch.values()].some(
    (other) => other.record?.isReleased === true && isOfLease(other.record, record),
  );
}

function writeOf(question: TakeQuestion) {
  const { dataset, candidate, generation, leaseMs } = question;
  return ({ voter, watched }: Known): VoteWrite => {
    const expected = watched.record;
    const renewals = (expected?.renewals ?? 0) + 1;
    const lease = { dataset, generation, holder: candidate, leaseMs };
    return {
      voter,
      expected,
      next: { ...lease, renewals, isReleased: false, tried: generation },
    };
  };
}

/** In words who holds it where time has to pass yet; empty where nobody is known to. */
export function heldElsewhere(question: TakeQuestion): string {
  const judged = knownOf(question).flatMap((known) => {
    const waitMs = waitAt(question, known, false);
    return waitMs === undefined || waitMs === 0 ? [] : [{ ...known, waitMs }];
  });
  return whyHeld(judged);
}

type Judged = Known & { readonly waitMs: number | undefined };

function whyHeld(judged: readonly Judged[]): string {
  const held = judged.filter(({ waitMs }) => waitMs !== 0);
  const words = held.map(({ voter, watched, waitMs }) => {
    const { record } = watched;
    if (record === undefined) return `${voter} has forgotten who held the lease`;
    const by = `${record.holder} holds it under generation ${showGeneration(record.generation)}`;
    if (waitMs === undefined) return `${voter} does not record the candidate as in sync`;
    return `at ${voter} ${by}, and that has to stand still for ${waitMs} ms more`;
  });
  return words.join('; ');
}

function refuse(why: string): Extract<TakeChoice, { kind: 'refused' }> {
  return { kind: 'refused', why };
}
