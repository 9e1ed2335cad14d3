import {
  type DatasetId,
  isSameMembership,
  isSameRecord,
  type Membership,
  membershipOf,
  type VoteRecord,
  type VoterName,
  type VoteWrite,
} from '@understudy/core';
import type { MembershipChanged, Voted, VoterLook, VoteStore } from '../vote-store.ts';

/** What a voter keeps; it survives whatever happens to the voter's process. */
export class FakeVotes {
  readonly identity: string;
  readonly records = new Map<DatasetId, VoteRecord>();
  membership: Membership | undefined;

  constructor() {
    storesMade += 1;
    this.identity = `fake store ${storesMade}`;
  }

  /** What it keeps now; `putBack` makes it keep that again. */
  copy(): Pick<FakeVotes, 'records' | 'membership'> {
    return { records: new Map(this.records), membership: this.membership };
  }

  /** Its store goes back in time, and knows nothing of it. */
  putBack({ records, membership }: Pick<FakeVotes, 'records' | 'membership'>): void {
    this.records.clear();
    for (const [dataset, record] of records) this.records.set(dataset, record);
    this.membership = membership;
  }
}

type KeptVotes = Pick<FakeVotes, 'identity' | 'records' | 'membership'>;

let storesMade = 0;

/** The way to a voter and back. Each may take time, or throw where the message is lost. */
export type FakeVoterLink = {
  ask(voter: VoterName): Promise<void>;
  answer(voter: VoterName): Promise<void>;
};

/** A voter of plain data: a question is judged in one instant, between its two ways. */
export class FakeVoteStore implements VoteStore {
  readonly voter: VoterName;
  readonly #votes: KeptVotes;
  readonly #link: FakeVoterLink;

  constructor(voter: VoterName, votes: KeptVotes, link: FakeVoterLink) {
    this.voter = voter;
    this.#votes = votes;
    this.#link = link;
  }

  read(dataset: DatasetId): Promise<VoteRecord | undefined> {
    return this.#ask(() => this.#votes.records.get(dataset));
  }

  compareAndSet({ expected, next }: Omit<VoteWrite, 'voter'>): Promise<Voted> {
    return this.#ask(() => {
      const { records, membership } = this.#votes;
      const current = records.get(next.dataset);
      if (isSameRecord(current, next)) return { isDone: true, isRepeated: true, current };
      const isOutdated = membershipOf(next.generation) < (membership?.generation ?? 0);
      if (isOutdated || !isSameRecord(current, expected)) return { isDone: false, current };
      records.set(next.dataset, next);
      return { isDone: true, current: next };
    });
  }

  look(): Promise<VoterLook> {
    return this.#ask(() => {
      const { identity, membership } = this.#votes;
      return { identity, ...(membership === undefined ? {} : { membership }) };
    });
  }

  changeMembership(next: Membership): Promise<MembershipChanged> {
    return this.#ask(() => {
      const current = this.#votes.membership;
      if (current !== undefined && current.generation >= next.generation) {
        return { isDone: isSameMembership(current, next), current };
      }
      this.#votes.membership = next;
      return { isDone: true, current: next };
    });
  }

  async #ask<Answer>(judge: () => Answer): Promise<Answer> {
    await this.#link.ask(this.voter);
    const answer = judge();
    await this.#link.answer(this.voter);
    return answer;
  }
}
