import type { ServerName } from '../ids.ts';
import { majorityOf } from './count-votes.ts';

// May a member that has started mount anything yet? (V5)
//
// A1. After a start only those are believed who know better for certain: a majority of the voters,
//     a member that has been in quorum since before this start, or all started members together.
// A2. An operator's word stands for them.
// Nothing here is remembered or timed: it is asked anew, and a reboot of all does not block.

/** What another member said of itself. */
export type MemberHeard = {
  readonly member: ServerName;
  /** It has been in quorum, without a break, since before the asking member started. */
  readonly isVeteran: boolean;
};

export type Coordination =
  | { readonly answer: 'allowed'; readonly why: string }
  | { readonly answer: 'wait'; readonly why: string };

/** Judges whether `self` knows enough to activate copies. */
export function coordinateActivation(situation: {
  readonly self: ServerName;
  readonly started: readonly ServerName[];
  readonly heard: readonly MemberHeard[];
  readonly voters: number;
  /** Voters whose answer has arrived since this start. */
  readonly votersHeard: number;
  readonly hasOperatorWord: boolean;
}): Coordination {
  const { self, started, heard, voters, votersHeard, hasOperatorWord } = situation;
  if (hasOperatorWord) return allow('an operator says that nobody else is active');
  if (!started.includes(self)) return wait(`${self} is stopped in its group; start it first`);
  if (votersHeard >= majorityOf(voters)) return allow('a majority of the voters answers');
  const veteran = heard.find(({ member, isVeteran }) => isVeteran && started.includes(member));
  if (veteran !== undefined) return allow(`${veteran.member} was in quorum all the while`);
  const missing = started.filter(
    (member) => member !== self && !heard.some((each) => each.member === member),
  );
  if (missing.length === 0) return allow('all started members answer');
  const needed = `${votersHeard} of ${voters} voters answer`;
  return wait(`${needed}, and ${missing.join(' and ')} may know of a newer decision`);
}

function allow(why: string): Coordination {
  return { answer: 'allowed', why };
}

function wait(why: string): Coordination {
  return { answer: 'wait', why };
}
