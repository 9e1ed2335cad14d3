// A vote count has three answers. `pending` is neither: who counts it as lost takes back what may
// have been given, who counts it as won acts on what was not.

export type Count = 'won' | 'lost' | 'pending';

/** How many of `voters` are more than half of them. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** Counts votes given and refused among so many voters; the rest has not answered yet. */
export function countVotes(votes: {
  readonly voters: number;
  readonly given: number;
  readonly refused: number;
}): Count {
  const needed = majorityOf(votes.voters);
  if (votes.given >= needed) return 'won';
  return votes.voters - votes.refused < needed ? 'lost' : 'pending';
}
