import type { MergeRule } from '../schema/app-tables.ts';
import type { ChangeAct } from './ledger.ts';

// What salvage does with one change of a tail, by the rule of its table and by what stands in the
// row's place on the active copy. A table without conditions: the engine has looked.

/** The row on the active copy, seen from a change of the tail. */
export type RowThere =
  | 'absent'
  /** As the tail left it. */
  | 'same'
  /** Another version, which the active side has not touched since it took over. */
  | 'untouched'
  /** Another version, written by the active side since it took over. */
  | 'touched';

export type Merge = {
  readonly todo: 'merge' | 'leave' | 'list' | 'ignore';
  readonly why: string;
};

const merge = (why: string): Merge => ({ todo: 'merge', why });
const leave = (why: string): Merge => ({ todo: 'leave', why });
const list = (why: string): Merge => ({ todo: 'list', why });

const isThere = leave('the active copy has it already');
const isGone = leave('it is gone from the active copy already');
const wasTaken = list('the active copy has another row under this key');
const wasTouched = list('the active side has changed the row since it took over');
const wasDeleted = list('the active side has deleted the row since it took over');
const isForGood = list('rows of this table are never changed once they are written');
const isToBeRead = list('the rule of this table leaves it to a person');
const isOurs: Merge = { todo: 'ignore', why: 'a mark of our own' };

type ByRow = { readonly [There in RowThere]: Merge };
type ByAct = { readonly [Act in ChangeAct]: ByRow };

const everywhere = (what: Merge): ByRow => ({
  absent: what,
  same: what,
  untouched: what,
  touched: what,
});

/** Where the tail's own order is known. */
export const mergeTable: { readonly [Rule in MergeRule]: ByAct } = {
  appendOnly: {
    insert: {
      absent: merge('added to the active copy'),
      same: isThere,
      untouched: wasTaken,
      touched: wasTaken,
    },
    update: { absent: wasDeleted, same: isThere, untouched: isForGood, touched: isForGood },
    delete: { absent: isGone, same: isForGood, untouched: isForGood, touched: isForGood },
  },
  lastWriter: {
    insert: {
      absent: merge('added to the active copy'),
      same: isThere,
      untouched: merge('written over what the active side had not changed'),
      touched: wasTouched,
    },
    update: {
      absent: wasDeleted,
      same: isThere,
      untouched: merge('written over what the active side had not changed'),
      touched: wasTouched,
    },
    delete: {
      absent: isGone,
      same: merge('deleted, as the active side had not changed it'),
      untouched: merge('deleted, as the active side had not changed it'),
      touched: wasTouched,
    },
  },
  conflict: {
    insert: { absent: isToBeRead, same: isThere, untouched: isToBeRead, touched: isToBeRead },
    update: { absent: isToBeRead, same: isThere, untouched: isToBeRead, touched: isToBeRead },
    delete: { absent: isGone, same: isToBeRead, untouched: isToBeRead, touched: isToBeRead },
  },
  control: {
    insert: everywhere(isOurs),
    update: everywhere(isOurs),
    delete: everywhere(isOurs),
  },
};

const isUntold = list('whether it was written there or deleted here, two tables cannot tell');
const isOlderOrNewer = list('which of the two versions is newer, two tables cannot tell');

/** Where whole tables are compared: only rows that are there are seen, each as an insert. */
export const compareTable: { readonly [Rule in MergeRule]: ByRow } = {
  appendOnly: {
    absent: merge('added to the active copy'),
    same: isThere,
    untouched: isOlderOrNewer,
    touched: isOlderOrNewer,
  },
  lastWriter: {
    absent: isUntold,
    same: isThere,
    untouched: isOlderOrNewer,
    touched: isOlderOrNewer,
  },
  conflict: {
    absent: isToBeRead,
    same: isThere,
    untouched: isToBeRead,
    touched: isToBeRead,
  },
  control: everywhere(isOurs),
};
