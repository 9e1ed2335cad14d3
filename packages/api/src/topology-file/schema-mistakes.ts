import { nearestName } from '@understudy/core';
import type { z } from 'zod';
import type { Locator } from './locate.ts';
import type { Mistake } from './mistake.ts';
import { topologyFileSchema } from './topology-schema.ts';

type Issue = z.core.$ZodIssue;

/** A mistake with the path it is about, so that others about the same can be left out. */
export type PathMistake = Mistake & {
  readonly path: readonly PropertyKey[];
  /** Something is not there: of a broken file nobody can tell whether it would be. */
  readonly isMissing: boolean;
};

/** Where the value's shape is not a topology's. */
export function findSchemaMistakes(value: unknown, locator: Locator): readonly PathMistake[] {
  const { error } = topologyFileSchema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue) => mistakesOf(issue, { value, locator, at: [] }));
}

type Context = {
  readonly value: unknown;
  readonly locator: Locator;
  readonly at: readonly PropertyKey[];
};

function mistakesOf(issue: Issue, context: Context): readonly PathMistake[] {
  const path = [...context.at, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], context));
  }
  if (issue.code === 'invalid_union') return unionMistakes(issue, { ...context, at: path });
  return [plainMistake(issue, path, context)];
}

function unknownKey(path: readonly PropertyKey[], { locator }: Context): PathMistake {
  const key = String(path.at(-1));
  const known = knownKeys(path.slice(0, -1));
  const nearest = nearestName(key, known);
  return {
    path,
    isMissing: false,
    ...locator.key(path),
    what: `\`${key}\` is not known here`,
    todo: nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean \`${nearest}\`?`,
  };
}

/** Of the ways a value can be, the one that it comes nearest to is talked about. */
function unionMistakes(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  context: Context,
): readonly PathMistake[] {
  const value = valueAt(context.value, context.at);
  const isInside = typeof value === 'object' && value !== null;
  const inside = issue.errors.find((issues) =>
    issues.every(({ path, code }) => {
      return path.length > 0 || code === 'unrecognized_keys';
    }),
  );
  if (isInside && inside !== undefined) {
    return inside.flatMap((each) => mistakesOf(each, context));
  }
  return [
    {
      path: context.at,
      isMissing: value === undefined,
      ...context.locator.value(context.at),
      what: `${show(value)} is not a loss limit`,
      todo: 'lossless, good, best, or { maxAgeMs: 30000 }',
    },
  ];
}

function plainMistake(issue: Issue, path: readonly PropertyKey[], context: Context): PathMistake {
  const value = valueAt(context.value, path);
  const isMissing = value === undefined || value === null;
  const label = labelOf(path);
  return {
    path,
    isMissing,
    ...context.locator.value(path),
    what: isMissing
      ? `${label} is ${path.length === 0 ? 'empty' : 'missing'}`
      : `${label} is ${show(value)}`,
    todo: wanted(issue, path),
  };
}

function wanted(issue: Issue, path: readonly PropertyKey[]): string {
  if (issue.code === 'invalid_type') return `it has to be ${article(issue.expected)}`;
  if (issue.code === 'invalid_format') {
    return 'a name is a lower-case letter, then lower-case letters, digits and hyphens';
  }
  if (issue.code === 'too_big') {
    return `at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  }
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  if (issue.code === 'invalid_value') {
    return `it has to be ${issue.values.map(String).join(' or ')}`;
  }
  return `see docs/operating/topology-file.md about ${labelOf(path)}`;
}

function article(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text (a number is text in quotes)',
    array: 'a list',
    object: 'a mapping (key: value)',
    number: 'a number',
    int: 'a whole number',
  };
  return words[expected] ?? expected;
}

/** `copies[2].store`, from where the list begins: the line says the rest. */
function labelOf(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'number') return `entry ${last + 1} of ${labelOf(path.slice(0, -1))}`;
  return `\`${String(last)}\``;
}

const shownMax = 40;

/** A value as a sentence shows it. A text with a password in it is never repeated. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'nothing';
  if (value.includes('://')) return 'a URL';
  return JSON.stringify(value.length > shownMax ? `${value.slice(0, shownMax)}…` : value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const part of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, part))
      return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[part];
  }
  return inner;
}

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
};

/** The keys that the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: JsonSchema | undefined = knownSchema;
  for (const part of path) {
    schema = typeof part === 'number' ? schema?.items : schema?.properties?.[String(part)];
    schema = schema?.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
  }
  return Object.keys(schema?.properties ?? {});
}

const knownSchema = jsonSchemaOf();

function jsonSchemaOf(): JsonSchema {
  return topologyFileSchema.toJSONSchema({ io: 'input' }) as JsonSchema;
}
