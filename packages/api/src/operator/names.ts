import type {
  DatasetId,
  DatasetName,
  Generation,
  Lsn,
  PoolName,
  RoutingGroupName,
  RunId,
  ServerName,
  SiteName,
  StoreName,
  VoterName,
} from '@understudy/core';
import { z } from 'zod';

// Names at the edge: text that was checked to be some, under the brand that the field gives it.
// The brand is for the compiler, so the cast changes nothing that runs.

/** Longer than any name of a topology (15) or id (36); shorter than an attack. */
export const nameLengthMax = 100;

function named<Name>(): z.ZodType<Name, string> {
  return z.string().min(1).max(nameLengthMax) as unknown as z.ZodType<Name, string>;
}

export const siteName = named<SiteName>();
export const serverName = named<ServerName>();
export const storeName = named<StoreName>();
export const poolName = named<PoolName>();
export const datasetName = named<DatasetName>();
export const datasetId = named<DatasetId>();
export const routingGroupName = named<RoutingGroupName>();
export const voterName = named<VoterName>();
export const runId = named<RunId>();

export const generation = z.int().min(0) as unknown as z.ZodType<Generation, number>;
export const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i) as unknown as z.ZodType<
  Lsn,
  string
>;

/** A count or a number of bytes or milliseconds. */
export const amount = z.number().min(0);
/** Milliseconds since 1970, for people to read. */
export const momentMs = z.number();
