import type {
  RoleAssignment,
  RoleLimited,
  RoleMount,
  RoleNeighbour,
  RoleOwners,
  RolePool,
  RolePoolSip,
  RolePreparation,
  SipPlace,
} from '@understudy/core';
import { z } from 'zod';
import { poolStateSchema } from '../operator/decision.ts';
import {
  amount,
  datasetId,
  datasetName,
  generation,
  momentMs,
  nameLengthMax,
  poolName,
  routingGroupName,
  serverName,
} from '../operator/names.ts';

// What an agent tells the roles of its server (core: agent/role-assignment.ts), as JSON.

const hostAndPort = z.string().min(1).max(300);
const sipPlace = z.object({
  plain: hostAndPort,
  tls: hostAndPort.exactOptional(),
}) satisfies z.ZodType<SipPlace>;
export const rolePoolSipSchema = z.object({
  side: z.enum(['home', 'backup']),
  home: z.array(sipPlace).max(1000),
  backup: z.array(sipPlace).max(1000),
}) satisfies z.ZodType<RolePoolSip>;

export const rolePoolSchema = z.object({
  pool: poolName,
  state: poolStateSchema,
  isServing: z.boolean(),
  elsewhereUrl: z.url().exactOptional(),
  sip: rolePoolSipSchema.exactOptional(),
  routingGroups: z.int().min(1).max(1024).exactOptional(),
  usersMax: amount.exactOptional(),
  isMerging: z.literal(true).exactOptional(),
  isAwaited: z.literal(true).exactOptional(),
}) satisfies z.ZodType<RolePool>;

export const roleNeighbourSchema = z.object({
  server: serverName,
  groups: z.array(routingGroupName).max(1024),
  isAnswering: z.boolean(),
  sip: sipPlace.exactOptional(),
}) satisfies z.ZodType<RoleNeighbour>;

export const roleOwnersSchema = z.object({
  number: z.int().min(0),
  server: serverName,
  others: z.array(roleNeighbourSchema).max(1000),
}) satisfies z.ZodType<RoleOwners>;

export const roleMountSchema = z.object({
  dataset: datasetName,
  id: datasetId,
  pool: poolName,
  generation,
  url: z.string().min(1).max(2000),
  deadlineMs: z.number(),
  routingGroups: z.array(routingGroupName).max(1024),
  owners: roleOwnersSchema.exactOptional(),
}) satisfies z.ZodType<RoleMount>;

export const roleLimitedSchema = roleMountSchema.extend({
  queueIn: datasetName,
  state: z.enum(['on', 'returning']),
  why: z.string().max(1000),
  sinceMs: momentMs,
}) satisfies z.ZodType<RoleLimited>;

export const rolePreparationSchema = roleMountSchema.pick({
  dataset: true,
  id: true,
  pool: true,
  url: true,
  routingGroups: true,
}) satisfies z.ZodType<RolePreparation>;

export const roleAssignmentSchema = z.object({
  number: z.int().min(0),
  agentLife: z.string().min(1).max(nameLengthMax),
  pools: z.array(rolePoolSchema).max(1000),
  mounts: z.array(roleMountSchema).max(1000),
  isDrained: z.literal(true).exactOptional(),
  limited: z.array(roleLimitedSchema).max(1000).exactOptional(),
}) satisfies z.ZodType<RoleAssignment>;

export const hydrateBody = z.object({
  dataset: datasetName,
  groups: z.array(routingGroupName).max(1024),
});
export const hydrateAnswer = z.array(z.object({ group: routingGroupName, users: amount }));

/** The paths of the roles' unix socket (decisions/0017). */
export const rolePaths = {
  assign: '/role/assign',
  report: '/role/report',
  hydrate: '/role/hydrate',
  prepare: '/role/prepare',
  reset: '/role/reset',
  readQueue: '/role/queue/read',
  applyQueued: '/role/queue/apply',
  clearQueue: '/role/queue/clear',
  /** Followed by `/POOL/users`, as in the operators' API after `/v1/pools`. */
  adminPools: '/role/admin/pools',
} as const;
