// The replicated tables of a users' dataset, in an order in which rows can be inserted, each with
// its merge rule (decisions/0015): what salvage does with rows of a tail. A test of the migrations
// keeps this list and schema `app` equal.

/**
 * `appendOnly`: inserted; an id that is there already is the same row. `lastWriter`: only where
 * the active side has not changed the row since. `conflict`: never merged, kept to be read.
 * `control`: our own marks, not users' data; never merged and not verified.
 */
export type MergeRule = 'appendOnly' | 'lastWriter' | 'conflict' | 'control';

export type AppTable = {
  readonly name: string;
  readonly merge: MergeRule;
  /** Why this rule and no other. */
  readonly why: string;
  /**
   * Rows have a place in their user's mailbox (E13): a merged one gets the next, under the active
   * generation, for a reader who is further on would never see its old place.
   */
  readonly placed?: true;
  /** Columns that nobody is shown, not even beside a conflict. */
  readonly secret?: readonly string[];
};

// prettier-ignore
// biome-ignore format: one table a line reads as the table it is.
export const appTables = [
  { name: 'users', merge: 'lastWriter', why: 'a user changes rarely and as a whole' },
  { name: 'credentials', merge: 'conflict', why: 'an old password must not come back unseen', secret: ['ha1'] },
  { name: 'contact_groups', merge: 'lastWriter', why: 'the newest name of a group is meant' },
  { name: 'contacts', merge: 'lastWriter', why: 'the newest entry is meant' },
  { name: 'settings', merge: 'lastWriter', why: 'the newest value is meant' },
  { name: 'bindings', merge: 'lastWriter', why: 'the newest registration is meant, and each ends by itself' },
  { name: 'messages', merge: 'appendOnly', why: 'a message is never changed once it is sent', placed: true },
  { name: 'undelivered', merge: 'lastWriter', why: 'what was taken there is not sent again here' },
  { name: 'guest_bindings', merge: 'lastWriter', why: 'as with bindings, until they are taken over' },
  { name: 'queued_changes', merge: 'lastWriter', why: 'one that was carried over there waits here no more; one applied twice is known by its id' },
  { name: 'applied_changes', merge: 'lastWriter', why: 'what became of a change there is known here' },
  { name: 'imports', merge: 'conflict', why: 'an import is whole or is run again' },
  { name: 'salvages', merge: 'lastWriter', why: 'a ledger that was begun there is known here' },
  { name: 'ledger', merge: 'appendOnly', why: 'what was listed there is listed here' },
  { name: 'heartbeat', merge: 'control', why: 'it says how old a copy is' },
  { name: 'fence_marker', merge: 'control', why: 'it ends one stretch of writes' },
  { name: 'verify_marker', merge: 'control', why: 'it lines two copies up' },
] as const satisfies readonly AppTable[];

export type AppTableName = (typeof appTables)[number]['name'];

/** The tables that hold users' data: what verify compares and loss is about. */
export const userTables: readonly AppTable[] = appTables.filter(({ merge }) => merge !== 'control');

/** Class of the advisory lock that whoever adds to a mailbox holds until COMMIT. */
export const mailboxLockClass = 21_332;
