import {
  asDataset,
  asGeneration,
  asLsn,
  asStore,
  type LedgerEntry,
  type LedgerPage,
} from '@understudy/core';

const salvage = '5f0c6f5e-52a5-4c0e-9d0a-6d1f6b0d8f11';
const store = asStore('east-store');
const generation = asGeneration(6);
const contact = '01990000-0000-7000-8000-000000000101';

/** The entry that a person reads. */
export const conflictId = `${salvage}:0/16B3748:1`;

const conflict: LedgerEntry = {
  id: conflictId,
  salvage,
  store,
  generation,
  commitLsn: asLsn('0/16B3748'),
  ordinal: 1,
  committedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  act: 'update',
  table: 'contacts',
  key: contact,
  outcome: 'conflict',
  why: 'the active side has changed the row since it took over',
  theirs: { id: contact, uri: 'sip:anna@old.example', display_name: 'Anna' },
  ours: { id: contact, uri: 'sip:anna@new.example', display_name: 'Anna' },
};

/** East came back with four changes: three are merged, one waits. */
export function aLedger(): LedgerPage {
  const why = 'read from its slot, behind 0/16B3700, which the active copy has';
  const about = { id: salvage, dataset: asDataset('users-east'), store, generation };
  const counts = { merged: 3, alreadyThere: 0, conflict: 1, refused: 0, open: 1 };
  const database = 'users_east_gen6';
  return {
    salvages: [{ ...about, database, way: 'tail', why, isComplete: true, counts }],
    entries: [conflict],
    hasMore: false,
  };
}
