import type {
  ActiveRecord,
  CopyRecord,
  Decision,
  GroupRecord,
  Membership,
  PoolRecord,
  ServerRecord,
  SiteRecord,
} from '@understudy/core';
import { z } from 'zod';
import {
  datasetId,
  datasetName,
  generation,
  poolName,
  runId,
  serverName,
  siteName,
  storeName,
  voterName,
} from './names.ts';

// The decisions of the control database (core: agent/decision.ts), as JSON.

export const poolStateSchema = z.enum(['active', 'failingOver', 'failedOver', 'failingBack']);

export const activeRecordSchema = z.object({
  kind: z.literal('active'),
  dataset: datasetName,
  id: datasetId,
  generation,
  active: storeName,
  since: generation,
  former: z
    .object({
      store: storeName,
      since: generation,
      generation,
      linked: generation.exactOptional(),
      how: z.enum(['handOver', 'forced']),
      isLossless: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  dismounted: z.string().exactOptional(),
}) satisfies z.ZodType<ActiveRecord>;

export const poolRecordSchema = z.object({
  kind: z.literal('pool'),
  pool: poolName,
  generation,
  state: poolStateSchema,
  serving: poolName,
  run: runId.exactOptional(),
  why: z.string(),
}) satisfies z.ZodType<PoolRecord>;

export const copyRecordSchema = z.object({
  kind: z.literal('copy'),
  dataset: datasetName,
  store: storeName,
  generation,
  suspended: z.string().exactOptional(),
  blocked: z.string().exactOptional(),
}) satisfies z.ZodType<CopyRecord>;

export const serverRecordSchema = z.object({
  kind: z.literal('server'),
  server: serverName,
  generation,
  drained: z.string().exactOptional(),
  blocked: z.string().exactOptional(),
}) satisfies z.ZodType<ServerRecord>;

export const siteRecordSchema = z.object({
  kind: z.literal('site'),
  site: siteName,
  generation,
  run: runId,
  servers: z.array(serverName),
  why: z.string(),
}) satisfies z.ZodType<SiteRecord>;

export const membershipSchema = z.object({
  generation: z.int().min(0),
  started: z.array(serverName),
  stopped: z.array(serverName),
  untouched: z.array(serverName).exactOptional(),
  witness: voterName.exactOptional(),
  witnessAt: z.string().exactOptional(),
  cluster: voterName.exactOptional(),
  former: z.object({ generation: z.int().min(0), voters: z.array(voterName) }).exactOptional(),
}) satisfies z.ZodType<Membership>;

export const groupRecordSchema = z.object({
  kind: z.literal('group'),
  generation,
  membership: membershipSchema,
}) satisfies z.ZodType<GroupRecord>;

export const decisionSchema = z.discriminatedUnion('kind', [
  activeRecordSchema,
  poolRecordSchema,
  copyRecordSchema,
  serverRecordSchema,
  siteRecordSchema,
  groupRecordSchema,
]) satisfies z.ZodType<Decision>;
