import { asVoter } from '@understudy/core';
import {
  type AgentClient,
  AgentUnreachableError,
  OrderFailedError,
  OrderRefusedError,
  StoreDownError,
  EngineRefusedError,
  type VoteAnswer,
  type VoteQuestion,
  type VoteStore,
} from '@understudy/ports';

/** The voter in the store of another member, asked by way of its agent. */
export function createPartnerVoter(partner: AgentClient): VoteStore {
  const ask = async <Kind extends VoteQuestion['kind']>(
    question: Extract<VoteQuestion, { kind: Kind }>,
  ): Promise<VoteAnswer[Kind]> => {
    try {
      return (await partner.vote(question)) as VoteAnswer[Kind];
    } catch (error) {
      throw asVoterError(error);
    }
  };
  return {
    voter: asVoter(partner.server),
    read: async (dataset) => (await ask({ kind: 'read', dataset })).record,
    compareAndSet: ({ expected, next }) => ask({ kind: 'set', expected, next }),
    look: () => ask({ kind: 'look' }),
    changeMembership: (next) => ask({ kind: 'changeMembership', next }),
  };
}

function asVoterError(error: unknown): unknown {
  if (error instanceof OrderRefusedError) {
    return new EngineRefusedError(error.refusal.why, { cause: error });
  }
  const isSilent = error instanceof AgentUnreachableError || error instanceof OrderFailedError;
  return isSilent ? new StoreDownError(error.message, { cause: error }) : error;
}
