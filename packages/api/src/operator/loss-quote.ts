import type { LossQuote } from '@understudy/core';
import { z } from 'zod';
import { amount, datasetName, storeName } from './names.ts';

export const lossLimitSchema = z.union([
  z.enum(['lossless', 'good', 'best']),
  z.object({ maxAgeMs: amount }),
]);

const boundedLoss = z
  .object({ mayBeMissing: amount, isWithinLimit: z.boolean(), why: z.string() })
  .exactOptional();

/** What mounting this copy now would cost (A5). */
export const lossQuoteSchema = z.object({
  dataset: datasetName,
  copy: storeName,
  ageMs: amount,
  knownMissing: amount,
  mayBeMissing: amount.exactOptional(),
  limit: lossLimitSchema,
  isWithinLimit: z.boolean(),
  ifOff: boundedLoss,
  ifFenced: boundedLoss,
  isInSync: z.literal(true).exactOptional(),
  why: z.string(),
}) satisfies z.ZodType<LossQuote>;
