import type {
  AgentReport,
  DatasetChoice,
  Decision,
  LossQuote,
  RunSummary,
  ServerName,
  Topology,
} from '@understudy/core';
import { notChosenReasons } from '@understudy/core';
import { z } from 'zod';
import { agentReportSchema, copyLagSchema } from './agent-report.ts';
import { decisionSchema } from './decision.ts';
import { lossLimitSchema, lossQuoteSchema } from './loss-quote.ts';
import { amount, datasetName, poolName, serverName, siteName, storeName } from './names.ts';
import { runSummarySchema } from './run.ts';

const activationSchema = z.enum(['allowed', 'blocked']);

/** The part of the topology that a screen is drawn from; database URLs are left out (secret). */
export const publicTopologySchema: z.ZodType<PublicTopology> = z.object({
  domains: z.array(z.string()),
  sites: z.array(z.object({ name: siteName })),
  servers: z.array(
    z.object({
      name: serverName,
      site: siteName,
      address: z.string(),
      activation: activationSchema.exactOptional(),
      maxActive: amount.exactOptional(),
      phones: z.object({ sip: amount, sips: amount.exactOptional() }).exactOptional(),
    }),
  ),
  stores: z.array(
    z.object({ name: storeName, server: serverName, kind: z.enum(['embedded', 'url']) }),
  ),
  pools: z.array(
    z.object({
      name: poolName,
      servers: z.array(serverName),
      userCapacity: amount,
      users: amount,
      routingGroups: amount,
      backupPool: poolName.exactOptional(),
    }),
  ),
  datasets: z.array(
    z.object({
      name: datasetName,
      kind: z.literal('users'),
      pool: poolName,
      copies: z.array(
        z.object({
          store: storeName,
          preference: z.number(),
          activation: activationSchema.exactOptional(),
          sync: z.literal(true).exactOptional(),
        }),
      ),
      lossLimit: lossLimitSchema,
    }),
  ),
});
export type PublicServer = Pick<
  Topology['servers'][number],
  'name' | 'site' | 'address' | 'activation' | 'maxActive'
> & {
  /** Ports for SIP, and for SIP over TLS; absent where the asked agent does not know them. */
  readonly phones?: { readonly sip: number; readonly sips?: number };
};
export type PublicTopology = Pick<Topology, 'domains' | 'sites' | 'pools' | 'datasets'> & {
  readonly servers: readonly PublicServer[];
  readonly stores: readonly Pick<Topology['stores'][number], 'name' | 'server' | 'kind'>[];
};

export const datasetChoiceSchema = z.object({
  dataset: datasetName,
  mode: z.enum(['planned', 'forced']),
  chosen: storeName.exactOptional(),
  why: z.string(),
  notChosen: z.array(
    z.object({ store: storeName, reason: z.enum(notChosenReasons), why: z.string() }),
  ),
}) satisfies z.ZodType<DatasetChoice>;

/** Everything that `understudy status` shows: the asked agent's view of the deployment. */
export type DeploymentStatus = {
  readonly name: string;
  readonly topologyHash: string;
  readonly topology: PublicTopology;
  /** The server whose agent looked. */
  readonly observer: ServerName;
  readonly agents: readonly AgentReport[];
  readonly silent: readonly { readonly server: ServerName; readonly why: string }[];
  readonly decisions: readonly Decision[];
  readonly quotes: readonly LossQuote[];
  /** Per dataset the copy to take over if one had to now, and why each other is not. */
  readonly choices: readonly DatasetChoice[];
  readonly runs: readonly RunSummary[];
  /** The whole in one sentence. */
  readonly sentence: string;
};

export const deploymentStatusSchema: z.ZodType<DeploymentStatus> = z.object({
  name: z.string(),
  topologyHash: z.string(),
  topology: publicTopologySchema,
  observer: serverName,
  agents: z.array(agentReportSchema),
  silent: z.array(z.object({ server: serverName, why: z.string() })),
  decisions: z.array(decisionSchema),
  quotes: z.array(lossQuoteSchema),
  // An agent of an earlier release says nothing of it.
  choices: z.array(datasetChoiceSchema).default([]),
  runs: z.array(runSummarySchema),
  sentence: z.string(),
});

/** Who answers here, asked before anything else is; costs the agent no look at the world. */
export const agentHelloSchema = z.object({
  name: z.string(),
  server: serverName,
  version: z.string(),
  topologyHash: z.string(),
  /** The operator that the token names. */
  operator: z.string(),
});
export type AgentHello = z.output<typeof agentHelloSchema>;

/** One direction of a pairing, in the words of the original's backup service. */
export const backupDirectionSchema = z.object({
  from: poolName,
  to: poolName,
  dataset: datasetName,
  state: z.enum(['NonSteady', 'Steady', 'Final', 'Error']),
  lag: copyLagSchema,
  why: z.string(),
});
export type BackupDirection = z.output<typeof backupDirectionSchema>;
export const backupAnswer = z.object({ directions: z.array(backupDirectionSchema) });
