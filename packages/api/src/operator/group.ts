import { z } from 'zod';
import { membershipSchema } from './decision.ts';
import {
  amount,
  datasetName,
  generation,
  serverName,
  siteName,
  storeName,
  voterName,
} from './names.ts';
import { findingSchema } from './run.ts';

// What is asked of the group of voters, and what is told of it.

/** Members by name and by site; of a restore, those that survive: by default all that answer. */
export const groupChangeBody = z.strictObject({
  act: z.enum(['stop', 'start', 'restore']),
  sites: z.array(siteName).max(1_000).default([]),
  servers: z.array(serverName).max(1_000).default([]),
  /** Of a stop: what runs on the stopped members is left alone. */
  isConfigurationOnly: z.boolean().default(false),
  /** Of a restore: the operator's word that all others are off and stay off. */
  isPartnerOff: z.boolean().default(false),
  /** Of a restore or a start: the URL of a PostgreSQL that is the witness from now on. */
  alternateWitness: z.string().max(2_000).exactOptional(),
  isWhatIf: z.boolean().default(false),
});
export type GroupChangeBody = z.input<typeof groupChangeBody>;

export const groupChangeAnswer = z.object({
  why: z.string(),
  words: z.array(z.string()),
  membership: membershipSchema,
  findings: z.array(findingSchema),
});
export type GroupChangeAnswer = z.output<typeof groupChangeAnswer>;

export const voterGroupAnswer = z.object({
  /** The whole in one sentence. */
  why: z.string(),
  membership: membershipSchema,
  /** Votes that make a majority. */
  needed: z.int().min(1),
  voters: z.array(
    z.object({ voter: voterName, isSilent: z.boolean(), error: z.string().exactOptional() }),
  ),
  leases: z.array(z.object({ dataset: datasetName, holder: storeName, generation })),
  /** Agents that mount nothing by themselves yet, and what each waits for (V5). */
  waiting: z.array(z.object({ server: serverName, why: z.string() })),
  /** For how long a majority has answered the asked agent without a break. */
  quorumMs: amount.exactOptional(),
});
export type VoterGroupAnswer = z.output<typeof voterGroupAnswer>;
