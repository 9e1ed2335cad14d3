import { z } from 'zod';

/** The key of the setting that says what becomes of a user's calls. */
export const callSettingsKey = 'calls';

const ringAlsoMax = 5;
const afterMsMin = 1_000;
// A proxy gives a call up after three minutes of its own (timer C, RFC 3261, section 16.6).
const afterMsMax = 120_000;

/** `sip:NAME@DOMAIN`; the role that keeps the setting looks whether the domain is its own. */
const address = z.string().min(1).max(200);

/** The value of the setting `calls`. Times are in milliseconds. */
export const callSettings = z.strictObject({
  /** No phone of the user rings; messages come all the same. */
  doNotDisturb: z.boolean().exactOptional(),
  /** Every call goes there, and no phone of the user rings. */
  forwardAlways: address.exactOptional(),
  forwardBusy: address.exactOptional(),
  forwardNoAnswer: z
    .strictObject({ to: address, afterMs: z.int().min(afterMsMin).max(afterMsMax) })
    .exactOptional(),
  /** Where calls go while no phone is signed in, or none can be reached. */
  forwardUnreachable: address.exactOptional(),
  /** Whose phones ring beside the user's own. */
  ringAlso: z.array(address).max(ringAlsoMax).exactOptional(),
});
export type CallSettings = z.output<typeof callSettings>;
