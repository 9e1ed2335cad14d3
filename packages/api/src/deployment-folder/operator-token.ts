import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';

// Operators carry bearer tokens; the folder keeps their hashes only (decisions/0010). A token is 32
// random bytes, so a plain SHA-256 of it cannot be searched backwards; no slow hash is needed.

export type Operator = { readonly name: string; readonly tokenHash: string };

const operatorsFile = z.object({
  version: z.literal(1),
  operators: z.array(z.object({ name: z.string().min(1), tokenHash: z.hash('sha256') })),
});

/** A new token. Secret: shown to its operator once, never logged. */
export function newOperatorToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the folder keeps of a token: SHA-256 in hex. */
export function hashOperatorToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whose token it is, in a time that does not tell how much of it was right. */
export function findOperator(operators: readonly Operator[], token: string): Operator | undefined {
  const given = Buffer.from(hashOperatorToken(token), 'hex');
  return operators.find(({ tokenHash }) => timingSafeEqual(given, Buffer.from(tokenHash, 'hex')));
}

export function writeOperators(operators: readonly Operator[]): string {
  return `${JSON.stringify({ version: 1, operators }, null, 2)}\n`;
}

/** Judges the text of operators.json at `path`. */
export function readOperators(text: string, path: string): readonly Operator[] {
  try {
    return operatorsFile.parse(JSON.parse(text)).operators;
  } catch {
    throw new DeploymentError('damaged', {
      what: 'this is not a list of operators',
      where: path,
      todo: 'put it back from a backup; `understudy up --init` wrote it',
    });
  }
}
