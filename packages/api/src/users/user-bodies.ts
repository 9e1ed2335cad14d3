import { capabilityNames } from '@understudy/core';
import { z } from 'zod';
import { amount } from '../operator/names.ts';
import { userName } from '../operator/user.ts';

// The users' own HTTP interface (decisions/0017), served by the pool that serves them now. Digest
// authentication (RFC 7616) on every path. Every id is chosen by the client (E13).

// PostgreSQL's text and jsonb cannot hold U+0000 or half a surrogate pair (manual, 8.14).
const nul = String.fromCharCode(0);
const unstorable = 'U+0000 and halves of surrogate pairs cannot be stored';
const isStorable = (value: string): boolean =>
  !value.includes(nul) && !/\p{Surrogate}/u.test(value);
const text = (lengthMax: number) => z.string().max(lengthMax).refine(isStorable, unstorable);

/** An id that a client chose, as PostgreSQL writes it. */
export const chosenId = z.uuid().transform((id) => id.toLowerCase());

export const settingKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits and . _ -, at most 100');

export const contactBody = z.strictObject({
  uri: text(1000).min(1),
  displayName: text(200).default(''),
  groupId: z.uuid().nullable().default(null),
});
export const groupBody = z.strictObject({ name: text(200).min(1) });
/** How deep arrays and objects of a setting may lie in each other. */
const settingDepthMax = 100;
/** Any JSON value; the whole request body is bounded. */
export const settingBody = z.strictObject({
  value: z
    .unknown()
    .refine((value) => value !== undefined, 'a value is missing')
    .refine((value) => isStorableJson(value, settingDepthMax), {
      message: `${unstorable}, nor what is nested more than ${settingDepthMax} deep`,
    }),
});
/** Characters of a message that is kept. */
export const messageTextMax = 16_000;
export const messageBody = z.strictObject({
  id: z.uuid(),
  to: userName,
  body: text(messageTextMax),
});

/** Generation of the mount, then the row's own generation and place: `7:5:100` (E13). */
export const mailboxPosition = z.string().regex(/^\d{1,16}:\d{1,16}:\d{1,16}$/);

/** How a pool is served (core: `services`); `waitMs`: until it is another than `after`. */
export const capabilitiesQuery = z.object({
  after: z.string().max(20).exactOptional(),
  waitMs: z.coerce.number().int().min(0).max(25_000).default(0),
});
export const capabilitiesAnswer = z.object({
  pool: z.string(),
  service: z.enum(['full', 'limited', 'returning', 'merging', 'moving']),
  until: z.string(),
  /** Of limited mode: the reason, and since when. */
  why: z.string().exactOptional(),
  since: z.string().exactOptional(),
  capabilities: z.array(
    z.object({
      name: z.enum(capabilityNames),
      answer: z.enum(['works', 'queued', 'off']),
      why: z.string(),
    }),
  ),
});
/** 202: the change is durable, and made when the pool's data is mounted. */
export const queuedAnswer = z.object({ queued: z.literal(true), why: z.string() });

export const meAnswer = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  pool: z.string(),
  routingGroup: z.string(),
  generation: amount,
});
export const contactAnswer = contactBody.extend({ id: z.string() });
export const groupAnswer = groupBody.extend({ id: z.string() });
export const settingAnswer = settingBody.extend({ key: settingKey });
export const messageAccepted = z.object({ id: z.string(), position: mailboxPosition });
export const mailboxPage = z.object({
  messages: z.array(
    z.object({
      id: z.string(),
      from: z.string(),
      body: z.string(),
      sentAt: z.string(),
      position: mailboxPosition,
    }),
  ),
  /** To ask the next page with. */
  position: mailboxPosition,
  hasMore: z.boolean(),
});
export const mailboxPageQuery = z.object({
  after: mailboxPosition.exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type MailboxPage = z.output<typeof mailboxPage>;
/** 409: the client's position is of another generation; it looks again from `where`. */
export const lookAgainCode = 'lookAgain';

/** Can every text in a JSON value, names of fields too, be stored? */
function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(
    ([name, each]) => isStorable(name) && isStorableJson(each, depth - 1),
  );
}
