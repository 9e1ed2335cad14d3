import { z } from 'zod';
import { amount } from './names.ts';

// Administration of a pool's users. The asked agent passes these on to the role that has the
// pool's dataset mounted (decisions/0017).

/** A user's part of an address: what may stand before the `@` without quoting. */
export const userName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._+-]{0,63}$/i, 'letters, digits and . _ + -, at most 64');

export const userSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  routingGroup: z.string(),
});
export type UserSummary = z.output<typeof userSummarySchema>;

export const userDetailSchema = userSummarySchema.extend({
  createdAt: z.string().exactOptional(),
  /** Digest algorithms that the user has a credential for; never the credentials. */
  algorithms: z.array(z.string()).exactOptional(),
  contacts: amount.exactOptional(),
});
export type UserDetail = z.output<typeof userDetailSchema>;

/** `id` is chosen by the client, so that a repeated request does nothing twice (E13). */
export const newUserBody = z.strictObject({
  id: z.uuid(),
  name: userName,
  displayName: z.string().max(200).default(''),
  /** Turned into digest credentials at once; never stored or logged. */
  password: z.string().min(1).max(200),
});
export type NewUser = z.input<typeof newUserBody>;

export const userPageQuery = z.object({
  /** The last name of the page before. */
  after: z.string().exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const userPageAnswer = z.object({
  users: z.array(userSummarySchema),
  /** To ask the next page with; absent on the last. */
  next: z.string().exactOptional(),
});
export type UserPage = z.output<typeof userPageAnswer>;

/** `id` names the import: the same id again does nothing twice. */
export const importQuery = z.object({ id: z.uuid() });
export const importAnswer = z.object({ id: z.string(), rows: amount, why: z.string() });
export type Imported = z.output<typeof importAnswer>;
