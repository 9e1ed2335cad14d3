import type { PlantedFault } from '@understudy/ports/fake';
import type { WorldName } from './run-seeds.ts';

/** A rule that can be taken out of the simulation, for the checkers to miss it. */
export type Planted = {
  readonly rule: PlantedFault;
  readonly takenOut: string;
  readonly world: WorldName;
  /** Histories within which it has to be found. */
  readonly within: number;
  /** Found so soon that the ordinary tests look for it. */
  readonly isQuick: boolean;
};

const moves = { world: 'moves', isQuick: true } as const;
const rare = { world: 'moves', isQuick: false } as const;
const rareCopies = { world: 'copies', isQuick: false } as const;
const restores = { world: 'restores', isQuick: true } as const;
const limited = { world: 'limited', isQuick: true } as const;
const rareGroups = { world: 'members', isQuick: false } as const;

// biome-ignore format: one rule a line reads as the table it is.
export const planted: readonly Planted[] = [
  { rule: 'E1', takenOut: 'a target takes any marker for its own', within: 500, ...moves },
  { rule: 'E2', takenOut: 'links that are over stay, and a slot is found by its direction alone', within: 1_000, ...moves },
  { rule: 'E3', takenOut: 'a write looks at no gate, and a fence waits for nobody inside', within: 500, ...moves },
  { rule: 'E4', takenOut: 'a COMMIT does not ask the gate again', within: 1_000, ...moves },
  { rule: 'E5', takenOut: 'a gate outlives the restart of its store and of its machine', within: 1_000, ...rare },
  { rule: 'E9', takenOut: 'a detach does not wait for the apply worker, which applies late', within: 500, ...moves },
  { rule: 'E10', takenOut: 'a store says the same of its past whatever became of it', within: 100, ...restores },
  { rule: 'E12', takenOut: 'a role answers after its deadline', within: 2_000, ...moves },
  { rule: 'E13', takenOut: 'a write that is tried again gets a new id', within: 1_000, ...moves },
  { rule: 'E14', takenOut: 'no order and no decision says whose attempt it is', within: 2_000, ...moves },
  { rule: 'A1', takenOut: 'the position stored at the detach is the beginning', within: 500, ...moves },
  { rule: 'A2', takenOut: 'the ledger is written before the merge, in a transaction of its own', within: 500, ...moves },
  { rule: 'A3', takenOut: 'what is set aside is gone at once', within: 500, ...moves },
  { rule: 'A4', takenOut: 'a further copy that was ahead of the new active one is dropped unread', within: 1_000, ...rareCopies },
  { rule: 'A5', takenOut: 'a quote counts what was heard of and not what may have come since', within: 2_000, ...rareCopies },
  { rule: 'V1', takenOut: 'a gate is renewed from the moment at which the message arrives', within: 5_000, ...rare },
  { rule: 'V2', takenOut: 'a voter sets what it is sent, whatever stands there', within: 1_000, ...moves },
  { rule: 'V3', takenOut: 'an agent does not see that its store\'s clock was set', within: 2_000, ...rare },
  { rule: 'V4', takenOut: 'a voter looks at no membership, and takes what is of a lower one', within: 5_000, ...rareGroups },
  { rule: 'V4-restore', takenOut: 'a group is restored when the others are silent, off or not', within: 5_000, ...rareGroups },
  { rule: 'V5', takenOut: 'after a start, what others said before it counts while they are silent', within: 2_000, ...rareGroups },
  { rule: 'V6', takenOut: 'without votes, silence is enough to take over', within: 500, ...moves },
  { rule: 'V6-fencing', takenOut: 'a fencing command that fails proves that a site is off', within: 5_000, ...rareGroups },
  { rule: 'V7', takenOut: 'writes stop waiting for a copy that voters still name as in sync', within: 1_000, ...rareCopies },
  { rule: 'Q1', takenOut: 'what is applied leaves no mark', within: 100, ...limited },
  { rule: 'Q2', takenOut: 'the newest of a queue are handed out first', within: 100, ...limited },
  { rule: 'Q4', takenOut: 'what is handed out is removed at once', within: 100, ...limited },
];

/** Rules that only PostgreSQL or plain functions can show, and where they are shown. */
// biome-ignore format: one rule a line reads as the table it is.
export const shownElsewhere: readonly { readonly rule: string; readonly why: string; readonly by: string }[] = [
  { rule: 'E6', why: 'what a new slot waits for is PostgreSQL\'s', by: 'packages/postgres/src/rules/links.pg.test.ts' },
  { rule: 'E7', why: 'what a slot skips without its publication is PostgreSQL\'s', by: 'packages/postgres/src/rules/links.pg.test.ts' },
  { rule: 'E8', why: 'rows are of one table here', by: 'packages/postgres/src/rules/health.pg.test.ts' },
  { rule: 'E11', why: 'snapshots and triggers are PostgreSQL\'s', by: 'packages/postgres/src/rules/health.pg.test.ts' },
  { rule: 'Q3', why: 'what cannot be applied is the tables\' to say', by: 'packages/role-registrar/src/limited/limited.pg.test.ts' },
];
