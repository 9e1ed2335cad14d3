import type { CopyObservation, StoreIdentity, VerifyResult } from '@understudy/core';
import { z } from 'zod';
import {
  amount,
  datasetId,
  datasetName,
  generation,
  lsn,
  momentMs,
  runId,
  storeName,
} from './names.ts';

// What an engine sees of one copy (core: dataset/copy/copy-observation.ts), as JSON.

export const linkSchema = z.object({
  dataset: datasetName,
  from: storeName,
  to: storeName,
  since: generation,
});

export const positionSchema = z.object({ generation, lsn });

const storeStartSchema = z.object({ startedAt: z.string(), lsn });

export const storeIdentitySchema = z.object({
  store: storeName,
  systemIdentifier: z.string(),
  timeline: z.int(),
  flushedLsn: lsn,
  version: z.int(),
  start: storeStartSchema.exactOptional(),
  starts: z.array(storeStartSchema).exactOptional(),
  incarnation: z.int().nonnegative().exactOptional(),
}) satisfies z.ZodType<StoreIdentity>;

export const verifyResultSchema = z.object({
  atMs: momentMs,
  generation,
  tables: amount,
  rows: amount,
  differences: z.array(
    z.object({
      table: z.string(),
      key: z.string(),
      kind: z.enum(['onlyActive', 'onlyPassive', 'different']),
    }),
  ),
}) satisfies z.ZodType<VerifyResult>;

const gateSchema = z.object({
  isOpen: z.boolean(),
  generation,
  validUntilMs: z.number(),
  waitsFor: storeName.exactOptional(),
});

const handedOverSchema = z.object({ generation, run: runId, attempt: z.int(), target: storeName });

const followingSchema = z.object({
  link: linkSchema,
  isEnabled: z.boolean(),
  isConnected: z.boolean(),
  tablesReady: amount,
  tablesTotal: amount,
  receivedLsn: lsn.exactOptional(),
  appliedLsn: lsn.exactOptional(),
  applyErrors: amount,
  conflicts: amount,
  lastError: z.string().exactOptional(),
  isFlushing: z.literal(true).exactOptional(),
});

const heartbeatSchema = z.object({
  generation,
  number: amount,
  writes: amount,
  tablesHash: z.string(),
  migration: z.int(),
});

const markerSchema = z.object({
  dataset: datasetName,
  generation,
  run: runId,
  attempt: z.int(),
  tablesHash: z.string(),
  migration: z.int(),
});

const slotSchema = z.object({
  link: linkSchema,
  isActive: z.boolean(),
  isLost: z.boolean(),
  confirmedLsn: lsn.exactOptional(),
  lagBytes: amount,
});

export const copyObservationSchema = z.object({
  dataset: datasetName,
  store: storeName,
  id: datasetId,
  generationSeen: generation,
  mountedGeneration: generation,
  isWhole: z.boolean(),
  migration: z.int(),
  tablesHash: z.string(),
  gate: gateSchema,
  handedOver: handedOverSchema.exactOptional(),
  following: followingSchema.exactOptional(),
  origin: z.object({ from: storeName, generation, lsn }).exactOptional(),
  heartbeat: heartbeatSchema.exactOptional(),
  marker: markerSchema.exactOptional(),
  slots: z.array(slotSchema),
  refusesFollowers: z.literal(true).exactOptional(),
  writtenLsn: lsn,
  verified: verifyResultSchema.exactOptional(),
  openConflicts: amount.exactOptional(),
}) satisfies z.ZodType<CopyObservation>;
