import type {
  AlternateWitness,
  DatasetId,
  Generation,
  Membership,
  ServerName,
  StoreName,
  VoterName,
  VoterReport,
  VotesReport,
} from '@understudy/core';

/** The right to have a dataset mounted on a store under a generation. */
export type HeldRight = {
  readonly dataset: DatasetId;
  readonly store: StoreName;
  readonly generation: Generation;
};

export type TakeOrder = HeldRight & {
  /**
   * The store whose time as the active one this follows, or goes on; undefined by an operator's
   * word, and for a dataset that was never mounted.
   */
  readonly follows: StoreName | undefined;
  /** The generation by which that one took over; absent where none did. */
  readonly followsSince?: Generation;
  /** Only if the store's copy is recorded as in sync with the one before (V7). */
  readonly isLossless?: boolean;
  /** The newest mount that was decided before: voters that are left may not know of it (V4). */
  readonly decided?: Pick<HeldRight, 'store' | 'generation'> | undefined;
};

export type RightTaken =
  | { readonly isTaken: true }
  | {
      readonly isTaken: false;
      readonly why: string;
      /** No time will make it right. */
      readonly isOver: boolean;
    };

/** Those that vote, as one agent knows them and asks them (V4, decisions/0041). */
export interface VoterGroup {
  membership(): Membership;
  /** What another server's agent says of the voters: each has to be one store for everybody. */
  hear(server: ServerName, voters: readonly VoterReport[]): void;
  /** Asks the voters of a membership that was granted from now on; returns whether it is news. */
  obey(next: Membership): boolean;
  /** What these voters know of it; who does not answer is not in it. */
  look(of: readonly VoterName[]): Promise<ReadonlyMap<VoterName, Membership | undefined>>;
  /**
   * Has the membership set at everybody concerned, and obeys it when it was granted. Resolves with
   * those that granted it; a change that was cut off is gone on with by whoever sees it.
   */
  change(next: Membership): Promise<ReadonlySet<VoterName>>;
  /**
   * Names the witness at `url` and seals where it is; it can be asked from then on. Throws
   * EngineRefusedError where no witness but the topology's can be reached.
   */
  nameWitness(url: string): AlternateWitness;
  /** Carries what former voters know of a lease to the present ones; else says why it cannot. */
  carry(dataset: DatasetId, decided: TakeOrder['decided']): Promise<string | undefined>;
}

/**
 * The right, for a bounded time, to have a dataset mounted (decisions/0009). Where voters grant it
 * they say who may raise a generation, too (decisions/0035); a stand-in grants all of it locally.
 */
export interface MountRight {
  /** Voters grant it: a partner that is silent knows nothing that they do not. */
  readonly isVoted: boolean;
  /** Absent where nobody votes. */
  readonly group?: VoterGroup;
  /**
   * For how long, from the moment of asking, a gate of this generation may stay open, in
   * milliseconds; undefined when the right is lost. Asked before each mount and each renewal.
   */
  validForMs(right: HeldRight): Promise<number | undefined>;
  /** Takes the right under a new generation. Repeating a take that was won is won again. */
  take(order: TakeOrder): Promise<RightTaken>;
  /** The gate is shut: nobody has to wait for the right to pass. Never rejects. */
  release(right: HeldRight): Promise<void>;
  /**
   * The store took the right, or tried to, and will not use it: `former` may mount again, or goes
   * on. Does nothing where `isUnused` denies it once the voters have been read. Never rejects.
   */
  giveBack(
    right: Pick<HeldRight, 'dataset' | 'store'>,
    former: Pick<HeldRight, 'store' | 'generation'>,
    isUnused?: () => boolean,
  ): Promise<void>;
  /** Does any voter show that the store took the right after `former`, or tried to? */
  hasTried(
    right: Pick<HeldRight, 'dataset' | 'store'>,
    former: Pick<HeldRight, 'store' | 'generation'>,
  ): boolean;
  /**
   * Records at a majority which copy has all that is acknowledged under this right; undefined:
   * none has (V7). False where that is not certain: then the record may say either.
   */
  recordInSync(right: HeldRight, copy: StoreName | undefined): Promise<boolean>;
  /** The copy that was recorded last under this right, as far as this life knows. */
  inSync(right: HeldRight): StoreName | undefined;
  /** The highest generation that anyone has tried to take, as far as is known now. */
  newestTried(dataset: DatasetId): Promise<Generation>;
  /** Looks at the rights to these datasets when it is time to. Never waits, never throws. */
  watch(datasets: readonly DatasetId[]): void;
  /** What was seen of the voters; undefined where there are none. */
  look(): VotesReport | undefined;
}
