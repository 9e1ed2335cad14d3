import type {
  AgentReport,
  CopyLag,
  CopyReport,
  GroupOwners,
  LimitedReport,
  RoleReport,
  StoreReport,
  SyncReport,
  VotesReport,
} from '@understudy/core';
import { z } from 'zod';
import { decisionSchema, membershipSchema } from './decision.ts';
import {
  amount,
  datasetId,
  datasetName,
  generation,
  momentMs,
  poolName,
  routingGroupName,
  serverName,
  siteName,
  storeName,
  voterName,
} from './names.ts';
import { copyObservationSchema, storeIdentitySchema } from './observation.ts';
import { runSummarySchema } from './run.ts';

// What an agent says of itself (core: agent/agent-report.ts), as JSON.

export const copyStateSchema = z.enum([
  'seeding',
  'catchingUp',
  'healthy',
  'mounting',
  'mounted',
  'dismounting',
  'dismounted',
  'suspended',
  'disconnected',
  'diverged',
  'failed',
]);

export const storeReportSchema = z.object({
  store: storeName,
  isUp: z.boolean(),
  identity: storeIdentitySchema.exactOptional(),
  datasets: z.array(datasetName).exactOptional(),
  error: z.string().exactOptional(),
  shortage: z.string().exactOptional(),
}) satisfies z.ZodType<StoreReport>;

export const copyLagSchema = z.object({
  receiveBytes: amount.exactOptional(),
  applyBytes: amount.exactOptional(),
  writes: amount.exactOptional(),
  heartbeatAgeMs: amount.exactOptional(),
  writesPerSecond: amount.exactOptional(),
  lastWord: z.object({ writes: amount, ageMs: amount.exactOptional() }).exactOptional(),
}) satisfies z.ZodType<CopyLag>;

export const syncReportSchema = z.object({
  copy: storeName,
  isInSync: z.boolean(),
  sinceMs: momentMs,
  why: z.string(),
}) satisfies z.ZodType<SyncReport>;

export const copyReportSchema = copyObservationSchema.extend({
  state: copyStateSchema,
  why: z.string(),
  lag: copyLagSchema,
  sync: syncReportSchema.exactOptional(),
}) satisfies z.ZodType<CopyReport>;

export const groupOwnersSchema = z.object({
  generation,
  number: z.int().min(0),
  owned: z.array(z.object({ server: serverName, groups: z.array(routingGroupName) })),
}) satisfies z.ZodType<GroupOwners>;

export const roleReportSchema = z.object({
  role: z.string(),
  pid: z.int().exactOptional(),
  isUp: z.boolean(),
  stopped: z.string().exactOptional(),
  pools: z.array(
    z.object({
      pool: poolName,
      isServing: z.boolean(),
      groups: z.array(routingGroupName),
      owners: groupOwnersSchema.exactOptional(),
      limitedSinceMs: momentMs.exactOptional(),
    }),
  ),
  queued: z.array(z.object({ pool: poolName, changes: amount, phones: amount })).exactOptional(),
  usersUrl: z.string().exactOptional(),
}) satisfies z.ZodType<RoleReport>;

export const limitedReportSchema = z.object({
  pool: poolName,
  state: z.enum(['on', 'returning']),
  why: z.string(),
  sinceMs: momentMs,
}) satisfies z.ZodType<LimitedReport>;

export const votesReportSchema = z.object({
  membership: membershipSchema,
  heard: z.int().min(0),
  quorumMs: amount.exactOptional(),
  waiting: z.string().exactOptional(),
  voters: z.array(
    z.object({
      voter: voterName,
      isSilent: z.boolean(),
      error: z.string().exactOptional(),
      identity: z.string().exactOptional(),
    }),
  ),
  leases: z.array(
    z.object({
      dataset: datasetId,
      holder: storeName,
      generation,
      count: z.enum(['won', 'lost', 'pending']),
      tried: generation,
      heldMs: amount,
      passedMs: amount.exactOptional(),
      renewedAt: z.array(voterName),
      inSync: storeName.exactOptional(),
    }),
  ),
}) satisfies z.ZodType<VotesReport>;

export const agentReportSchema = z.object({
  server: serverName,
  site: siteName,
  version: z.string(),
  topologyHash: z.string(),
  atMs: momentMs,
  stores: z.array(storeReportSchema),
  copies: z.array(copyReportSchema),
  decisions: z.array(decisionSchema),
  roles: z.array(roleReportSchema),
  runs: z.array(runSummarySchema),
  setAside: z.array(
    z.object({
      store: storeName,
      database: z.string(),
      dataset: datasetName.exactOptional(),
      salvage: z.string().exactOptional(),
      unreadBytes: amount.exactOptional(),
    }),
  ),
  limited: z.array(limitedReportSchema).exactOptional(),
  votes: votesReportSchema.exactOptional(),
  verdict: z.string(),
}) satisfies z.ZodType<AgentReport>;
