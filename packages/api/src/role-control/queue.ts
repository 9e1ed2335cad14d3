import {
  type QueuedBatch,
  type QueuedBinding,
  type QueuedChange,
  type QueuedDone,
  type QueuedKind,
  queuedKinds,
} from '@understudy/core';
import { z } from 'zod';
import { poolName } from '../operator/names.ts';

// What is carried between the queue of a backup pool and the dataset that it is about, as JSON.

/** More than any role gives out at once. */
const rowsMax = 10_000;
const id = z.string().min(1).max(100);

export const queuedChangeSchema = z.object({
  id,
  userId: id,
  kind: z.enum(queuedKinds),
  body: z.record(z.string(), z.unknown()),
  queuedAtMs: z.number(),
}) satisfies z.ZodType<QueuedChange>;

export const queuedBindingSchema = z.object({
  id,
  changed: id,
  isRemoved: z.boolean(),
  userId: id,
  contact: z.string(),
  instance: z.string().nullable(),
  regId: z.number().nullable(),
  q: z.number(),
  path: z.array(z.string()),
  source: z.string(),
  callId: z.string(),
  cseq: z.number(),
  userAgent: z.string(),
  expiresAtMs: z.number(),
}) satisfies z.ZodType<QueuedBinding>;

export const queuedBatchSchema = z.object({
  changes: z.array(queuedChangeSchema).max(rowsMax),
  bindings: z.array(queuedBindingSchema).max(rowsMax),
}) satisfies z.ZodType<QueuedBatch>;

export const queuedDoneSchema = z.object({
  changes: z.array(id).max(rowsMax),
  bindings: z.array(z.object({ id, changed: id })).max(rowsMax),
}) satisfies z.ZodType<QueuedDone>;

export const readQueueBody = z.object({ pool: poolName });
export const applyQueuedBody = z.object({ pool: poolName, batch: queuedBatchSchema });
export const clearQueueBody = z.object({ pool: poolName, done: queuedDoneSchema });

/** What a change of each kind is: queued by one role and applied by another. */
export const queuedBodies = {
  putContact: z.object({
    id: z.string(),
    groupId: z.string().nullable(),
    uri: z.string(),
    displayName: z.string(),
  }),
  removeContact: z.object({ id: z.string() }),
  putGroup: z.object({ id: z.string(), name: z.string() }),
  removeGroup: z.object({ id: z.string() }),
  /** The value as JSON text. */
  putSetting: z.object({ key: z.string(), value: z.string() }),
  removeSetting: z.object({ key: z.string() }),
  message: z.object({
    toName: z.string(),
    body: z.string(),
    fromUri: z.string().exactOptional(),
    delivery: z.object({ contentType: z.string(), expiresAtMs: z.number() }).exactOptional(),
  }),
} as const satisfies Record<QueuedKind, z.ZodType>;
