import {
  type LedgerEntry,
  ledgerOutcomes,
  type LedgerPage,
  ledgerPageMax,
  type Salvage,
} from '@understudy/core';
import { z } from 'zod';
import { amount, datasetName, generation, lsn, momentMs, storeName } from './names.ts';

// The loss ledger (core: dataset/salvage/ledger.ts), as JSON.

const rowVersion = z.record(z.string(), z.string().nullable());

export const ledgerEntrySchema = z.object({
  id: z.string(),
  salvage: z.string(),
  store: storeName,
  generation,
  commitLsn: lsn,
  ordinal: amount,
  committedAtMs: momentMs.exactOptional(),
  act: z.enum(['insert', 'update', 'delete']),
  table: z.string(),
  key: z.string(),
  outcome: z.enum(ledgerOutcomes),
  why: z.string(),
  theirs: rowVersion.exactOptional(),
  ours: rowVersion.exactOptional(),
  resolved: z.object({ by: z.string(), atMs: momentMs, why: z.string() }).exactOptional(),
}) satisfies z.ZodType<LedgerEntry>;

export const salvageSchema = z.object({
  id: z.string(),
  dataset: datasetName,
  store: storeName,
  database: z.string(),
  generation,
  way: z.enum(['tail', 'tables', 'nothing']),
  why: z.string(),
  isComplete: z.boolean(),
  counts: z.object({
    merged: amount,
    alreadyThere: amount,
    conflict: amount,
    refused: amount,
    open: amount,
  }),
}) satisfies z.ZodType<Salvage>;

/** `open`: only what waits for a person; `offset`: for the next page. */
export const ledgerQuery = z.object({
  open: z.stringbool().exactOptional(),
  id: z.string().max(200).exactOptional(),
  offset: z.coerce.number().int().min(0).exactOptional(),
});

export const ledgerAnswer = z.object({
  salvages: z.array(salvageSchema),
  entries: z.array(ledgerEntrySchema),
  hasMore: z.boolean(),
}) satisfies z.ZodType<LedgerPage>;

/** Ids of entries that wait, and what was decided about them. */
export const resolveBody = z.strictObject({
  ids: z.array(z.string().min(1).max(200)).min(1).max(ledgerPageMax),
  why: z.string().min(1).max(200),
});
