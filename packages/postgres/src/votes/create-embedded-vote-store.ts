import { StoreDownError, type VoteStore } from '@understudy/ports';
import { findSuperuserUrl } from '../embedded/reach-store.ts';
import {
  createPostgresVoteStore,
  type PostgresVoteStore,
  type PostgresVoteStoreOptions,
} from './create-postgres-vote-store.ts';

export type EmbeddedVoteStoreOptions = Omit<PostgresVoteStoreOptions, 'url' | 'admit'> & {
  /** Folder of the embedded store, which somebody else starts and keeps. */
  readonly dataDir: string;
  /** Where it is reached on loopback, if not at its own port. */
  readonly port?: number | undefined;
};

/** A voter in an embedded store of this machine: found anew where it has moved or was down. */
export function createEmbeddedVoteStore(options: EmbeddedVoteStoreOptions): PostgresVoteStore {
  const { dataDir, port, ...voting } = options;
  let opened: { readonly url: string; readonly votes: PostgresVoteStore } | undefined;
  async function ask<Answer>(question: (votes: VoteStore) => Promise<Answer>): Promise<Answer> {
    const url = await findSuperuserUrl(dataDir, port).catch(() => undefined);
    if (url === undefined) throw new StoreDownError(`voter ${voting.voter} does not run`);
    if (opened?.url !== url) {
      const former = opened;
      opened = { url, votes: createPostgresVoteStore({ ...voting, url }) };
      await former?.votes[Symbol.asyncDispose]();
    }
    return await question(opened.votes);
  }
  return {
    voter: voting.voter,
    read: (dataset) => ask((votes) => votes.read(dataset)),
    compareAndSet: (write) => ask((votes) => votes.compareAndSet(write)),
    look: () => ask((votes) => votes.look()),
    changeMembership: (next) => ask((votes) => votes.changeMembership(next)),
    [Symbol.asyncDispose]: async () => {
      await opened?.votes[Symbol.asyncDispose]();
    },
  };
}
