import {
  type Finding,
  journalEvents,
  type JournalLine,
  type RunRequest,
  type RunRow,
  type RunSummary,
  runStates,
} from '@understudy/core';
import { z } from 'zod';
import { amount, datasetName, momentMs, poolName, runId, serverName, storeName } from './names.ts';
import { lossQuoteSchema } from './loss-quote.ts';

// Requests, plans, runs and their journals.

export const runbookNameSchema = z.enum([
  'pool-failover',
  'pool-failback',
  'site-return',
  'dataset-move',
]);

export const runStateSchema = z.enum(runStates);

/** What an operator asks for; who asks is known from the token. */
export const runRequestBody = z.strictObject({
  runbook: runbookNameSchema,
  pool: poolName.exactOptional(),
  dataset: datasetName.exactOptional(),
  server: serverName.exactOptional(),
  toStore: storeName.exactOptional(),
  mode: z.enum(['planned', 'forced']).default('planned'),
  isPartnerOff: z.boolean().default(false),
  acceptedQuote: z.string().exactOptional(),
}) satisfies z.ZodType<Omit<RunRequest, 'by'>>;
export type RunRequestBody = z.input<typeof runRequestBody>;

/** With `planHash`, the run begins only when the plan is still the one that was shown. */
export const startRunBody = runRequestBody.extend({ planHash: z.string().exactOptional() });
export type StartRunBody = z.input<typeof startRunBody>;

export const findingSchema = z.object({
  severity: z.enum(['refusal', 'warning']),
  code: z.string(),
  why: z.string(),
}) satisfies z.ZodType<Finding>;

/** The plan that would run, with today's findings; without `plan` it is refused, and why. */
export const planAnswer = z.object({
  plan: z.unknown(),
  planHash: z.string().exactOptional(),
  /** Whose agent leads, or would if it were not refused; absent where that cannot be known. */
  leader: serverName.exactOptional(),
  /** To say with `acceptedQuote` when the loss is accepted; valid for limits.quoteValidMs. */
  quoteId: z.string().exactOptional(),
  quotes: z.array(lossQuoteSchema).exactOptional(),
  findings: z.array(findingSchema),
  /** The plan in words, a line each. */
  words: z.array(z.string()),
});
export type PlanAnswer = z.output<typeof planAnswer>;

const runRowShape = {
  id: runId,
  runbook: z.string(),
  subject: z.string(),
  attempt: z.int(),
  leader: serverName,
  state: runStateSchema,
  startedAtMs: momentMs,
  startedBy: z.string(),
  why: z.string(),
};

export const runRowSchema = z.object({
  ...runRowShape,
  version: z.int(),
  plan: z.unknown(),
  planHash: z.string(),
  approvals: z.record(z.string(), z.string()),
}) satisfies z.ZodType<RunRow>;

export const runSummarySchema = z.object({
  ...runRowShape,
  step: z.string().exactOptional(),
}) satisfies z.ZodType<RunSummary>;

export const journalLineSchema = z.object({
  run: runId,
  attempt: z.int(),
  number: z.int(),
  step: z.string(),
  event: z.enum(journalEvents),
  why: z.string(),
  atMs: momentMs,
  tookMs: amount.exactOptional(),
}) satisfies z.ZodType<JournalLine>;

/** 202: it began (or goes on). Its journal is at /v1/runs/:id. */
export const runStartedAnswer = z.object({ run: runId });
export type RunStarted = z.output<typeof runStartedAnswer>;

export const runListAnswer = z.object({ runs: z.array(runSummarySchema) });

/** `journal` holds the lines of this attempt with a number above `after`, all of earlier ones. */
export const runDetailAnswer = z.object({
  row: runRowSchema,
  journal: z.array(journalLineSchema),
});
export type RunDetail = z.output<typeof runDetailAnswer>;

/** Without `step`: the one that the run waits for. */
export const approveBody = z.strictObject({ step: z.string().exactOptional() });
