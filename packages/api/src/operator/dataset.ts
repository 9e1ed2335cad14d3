import { z } from 'zod';
import { verifyResultSchema } from './observation.ts';
import { poolStateSchema } from './decision.ts';
import { storeName } from './names.ts';

// Bodies of what is asked of one dataset, one pool or one server.

/** `isPartnerOff`: the operator's word where a partner is silent at start (decisions/0008). */
export const mountBody = z.strictObject({
  store: storeName.exactOptional(),
  isPartnerOff: z.boolean().default(false),
});
export const dismountBody = z.strictObject({ why: z.string().max(200).exactOptional() });
export const moveBody = z.strictObject({
  /** Without it the best copy of the site that serves is taken. */
  toStore: storeName.exactOptional(),
  planHash: z.string().exactOptional(),
});
/** Of one copy: without `store`, the only passive one; with several it must be named. */
export const copyBody = z.strictObject({
  store: storeName.exactOptional(),
  why: z.string().max(200).exactOptional(),
});

/** Of one copy, active or not. */
export const blockBody = z.strictObject({
  store: storeName,
  why: z.string().max(200).exactOptional(),
});

/** `isServingFine`: also where users are served by what is stopped. */
export const stopServicesBody = z.strictObject({
  why: z.string().max(200).exactOptional(),
  isServingFine: z.boolean().default(false),
});

/** Why a server is drained, or blocked. */
export const drainBody = z.strictObject({ why: z.string().max(200).exactOptional() });

/** Done, and the one sentence that says what. */
export const doneAnswer = z.object({ why: z.string() });
export type Done = z.output<typeof doneAnswer>;

export const verifyAnswer = z.object({
  why: z.string(),
  results: z.array(z.object({ store: storeName, result: verifyResultSchema })),
});
export type VerifyAnswer = z.output<typeof verifyAnswer>;

/** Starts the runbook that leads to this state, at the point that it means (decisions/0007). */
export const poolStateBody = z.strictObject({
  state: poolStateSchema,
  isPartnerOff: z.boolean().default(false),
  acceptedQuote: z.string().exactOptional(),
});
