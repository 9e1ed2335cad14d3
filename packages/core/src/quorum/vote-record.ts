import type { Generation } from '../generation.ts';
import { asStore, type Brand, type DatasetId, type StoreName } from '../ids.ts';

/** One that votes: the store of a member, named as its server is, or the witness. */
export type VoterName = Brand<string, 'VoterName'>;
export const asVoter = (name: string): VoterName => name as VoterName;

/** In the place of a holder: it is not known who held a lease last. No store is called so. */
export const unknownHolder = asStore('(unknown)');

/**
 * What one voter says of who may have a dataset mounted. Voters do not copy from each other; who
 * asks counts (decisions/0029).
 */
export type VoteRecord = {
  readonly dataset: DatasetId;
  readonly generation: Generation;
  /** The store whose copy holds the lease, or tried to. */
  readonly holder: StoreName;
  /** The lease time of this holder: for so long the record has to stand still. */
  readonly leaseMs: number;
  /** Grows with every write at this voter: no record ever stands there twice (V2). */
  readonly renewals: number;
  /** The holder has shut its gate, or gave its try up: nothing under this generation is valid. */
  readonly isReleased: boolean;
  /** The highest generation that was ever tried here: a lost try burns its own. */
  readonly tried: Generation;
  /** The copy that has all that is acknowledged under this lease; absent while none does (V7). */
  readonly inSync?: StoreName;
};

/** A compare-and-set at one voter. */
export type VoteWrite = {
  readonly voter: VoterName;
  /** Undefined: nothing stands there. */
  readonly expected: VoteRecord | undefined;
  readonly next: VoteRecord;
};

/** Are these one record, in every field? */
export function isSameRecord(left: VoteRecord | undefined, right: VoteRecord | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  const keys = Object.keys({ ...left, ...right }) as (keyof VoteRecord)[];
  return keys.every((key) => left[key] === right[key]);
}

/** Is `record` of the lease of `holder` under `generation`, released or not? */
export function isOfLease(
  record: VoteRecord | undefined,
  { holder, generation }: Pick<VoteRecord, 'holder' | 'generation'>,
): boolean {
  return record?.holder === holder && record.generation === generation;
}

/**
 * What a candidate writes that took a lease and will not use it: who had it before may take it
 * again. Only after a take that was won, for then the former holder's time is over.
 */
export function givenBack(
  record: VoteRecord,
  former: Pick<VoteRecord, 'holder' | 'generation'>,
): VoteRecord {
  const { holder, generation } = former;
  return { ...record, holder, generation, renewals: record.renewals + 1, isReleased: true };
}

/**
 * What a candidate writes over a try that it lost: who had it before may be alive and renew it, and
 * who watches it begins anew.
 */
export function restored(
  record: VoteRecord,
  former: Pick<VoteRecord, 'holder' | 'generation'>,
): VoteRecord {
  return { ...givenBack(record, former), isReleased: false };
}

/** What a holder writes when its gate is shut: nobody has to watch it any more. */
export function released(record: VoteRecord): VoteRecord {
  return { ...record, renewals: record.renewals + 1, isReleased: true };
}
