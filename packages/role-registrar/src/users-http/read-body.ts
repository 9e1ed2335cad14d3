import type { Context } from 'hono';
import { Problem } from '../problem.ts';

/** A schema of the API, as far as it is used here. */
type Schema<Output> = {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Output }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
};
type Issue = { readonly message: string; readonly path: readonly PropertyKey[] };

/** The request's JSON body as `schema` wants it; throws a Problem that names what is wrong. */
export async function readBody<Output>(c: Context, schema: Schema<Output>): Promise<Output> {
  const body: unknown = await c.req.json().catch(() => {
    throw new Problem('badRequest', { what: 'the body is not JSON', todo: 'send JSON' });
  });
  return check(schema, body, 'body');
}

/** `value` as `schema` wants it; `where` names the part of the request. */
export function check<Output>(schema: Schema<Output>, value: unknown, where: string): Output {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = [where, ...(issue?.path ?? []).map(String)].join('.');
  throw new Problem('badRequest', {
    what: issue?.message ?? 'it is malformed',
    where: path,
    todo: `correct ${path}`,
  });
}
