import type { Context } from 'hono';
import type { z } from 'zod';
import { Problem } from '../problem.ts';

/** The request's JSON body as `schema` wants it; throws a Problem that names what is wrong. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const body: unknown = await c.req.json().catch(() => {
    throw new Problem('badRequest', { what: 'the body is not JSON', todo: 'send JSON' });
  });
  return check(schema, body, 'body');
}

/** `value` as `schema` wants it; `where` names the part of the request. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = [where, ...(issue?.path ?? [])].join('.');
  throw new Problem('badRequest', {
    what: issue?.message ?? 'it is malformed',
    where: path,
    todo: `correct ${path}`,
  });
}
