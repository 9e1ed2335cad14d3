import type { VoteAnswer, VoteQuestion, VoteStore } from '@understudy/ports';

/** What the voter of this server answers to another member's agent. */
export async function answerVote(
  votes: VoteStore,
  question: VoteQuestion,
): Promise<VoteAnswer[VoteQuestion['kind']]> {
  switch (question.kind) {
    case 'read': {
      const record = await votes.read(question.dataset);
      return record === undefined ? {} : { record };
    }
    case 'set':
      return await votes.compareAndSet(question);
    case 'look':
      return await votes.look();
    case 'changeMembership':
      return await votes.changeMembership(question.next);
  }
}
