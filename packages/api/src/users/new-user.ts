import { z } from 'zod';
import { newUserBody } from '../operator/user.ts';

/** Algorithms of RFC 7616 that a credential can be stored for. */
export const digestAlgorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `${digits} hexadecimal digits`)
    .transform((value) => value.toLowerCase());

/** H(name:realm:password) per algorithm, made by whoever knows the password (RFC 7616, 3.4.2). */
export const readyCredentials = z
  .strictObject({
    MD5: hex(32).exactOptional(),
    'SHA-256': hex(64).exactOptional(),
    'SHA-512-256': hex(64).exactOptional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'at least one algorithm');
export type ReadyCredentials = z.output<typeof readyCredentials>;

/** A new user with a password, or with credentials that are ready for this deployment's realm. */
export const newUserRequest = z.union([
  newUserBody,
  newUserBody.omit({ password: true }).extend({ credentials: readyCredentials }),
]);
export type NewUserRequest = z.output<typeof newUserRequest>;
