import type { z } from 'zod';
import type { EndpointName, endpoints } from './endpoints.ts';

// The types of the endpoints' parts, for whoever serves them.

/** What the part's schema makes of a request; undefined where the endpoint has no such part. */
export type EndpointPart<
  Name extends EndpointName,
  Part extends 'query' | 'body',
> = (typeof endpoints)[Name] extends { readonly [part in Part]: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : undefined
  : undefined;

/** What is answered, before it is written as JSON; nothing of it is changed. */
export type EndpointAnswer<Name extends EndpointName> = Unchanged<
  z.input<(typeof endpoints)[Name]['answer']>
>;

type Unchanged<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Unchanged<Item>[]
    : Value extends object
      ? { readonly [key in keyof Value]: Unchanged<Value[key]> }
      : Value;
