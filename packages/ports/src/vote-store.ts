import type { DatasetId, Membership, VoteRecord, VoterName, VoteWrite } from '@understudy/core';

/** Outcome of a compare-and-set at one voter; `current` is what stands there now. */
export type Voted = {
  readonly isDone: boolean;
  /** It stood already, since an earlier try: nothing moved now, so it renews nothing (V1). */
  readonly isRepeated?: true;
  readonly current: VoteRecord | undefined;
};
export type MembershipChanged = {
  readonly isDone: boolean;
  readonly current: Membership | undefined;
};

/** What a voter says of itself. */
export type VoterLook = {
  /** Of this store alone, for as long as it keeps what it was given: equal means one store. */
  readonly identity: string;
  /** Absent: it was never changed, and is the topology's. */
  readonly membership?: Membership;
};

/**
 * One voter: records that are shown, compared and set (decisions/0029). Counting is core's. What is
 * set is durable when it is answered. Throws StoreDownError or TimedOutError where no answer came:
 * whether it was set is then unknown; EngineRefusedError where the voter cannot be used.
 */
export interface VoteStore {
  readonly voter: VoterName;
  read(dataset: DatasetId): Promise<VoteRecord | undefined>;
  /**
   * Sets `next` where exactly `expected` stands; a write that stands already is done, not refused.
   * A holder releases by setting what core's `released` makes of its record. A generation of a
   * lower membership than the voter's is refused (V4).
   */
  compareAndSet(write: Omit<VoteWrite, 'voter'>): Promise<Voted>;

  /** Which store it is, and who votes. */
  look(): Promise<VoterLook>;
  /** Sets the membership where a lower one stands, or none: of two of one generation the first. */
  changeMembership(next: Membership): Promise<MembershipChanged>;
}

/** What a member's agent asks of another's voter, by way of that one's agent. */
export type VoteQuestion =
  | { readonly kind: 'read'; readonly dataset: DatasetId }
  | ({ readonly kind: 'set' } & Omit<VoteWrite, 'voter'>)
  | { readonly kind: 'look' }
  | { readonly kind: 'changeMembership'; readonly next: Membership };

export type VoteAnswer = {
  readonly read: { readonly record?: VoteRecord };
  readonly set: Voted;
  readonly look: VoterLook;
  readonly changeMembership: MembershipChanged;
};
