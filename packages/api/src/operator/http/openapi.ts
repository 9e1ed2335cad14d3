import { z } from 'zod';
import { agentReportSchema, copyReportSchema } from '../agent-report.ts';
import { decisionSchema } from '../decision.ts';
import { type Endpoint, endpoints } from './endpoints.ts';
import { lossQuoteSchema } from '../loss-quote.ts';
import { verifyResultSchema } from '../observation.ts';
import { errorAnswer } from '../operator-error.ts';
import { findingSchema, journalLineSchema, runRowSchema, runSummarySchema } from '../run.ts';
import { deploymentStatusSchema } from '../status.ts';

// The OpenAPI 3.1 document of the operators' API, made of the table of endpoints. Its schemas are
// JSON Schema 2020-12, which is what zod writes (OpenAPI 3.1.0, section 4.8.24).

type Json = { readonly [key: string]: unknown };

/** Schemas that are written once and named; everything else stands where it is used. */
const named = {
  AgentReport: agentReportSchema,
  CopyReport: copyReportSchema,
  Decision: decisionSchema,
  DeploymentStatus: deploymentStatusSchema,
  Error: errorAnswer,
  Finding: findingSchema,
  JournalLine: journalLineSchema,
  LossQuote: lossQuoteSchema,
  RunRow: runRowSchema,
  RunSummary: runSummarySchema,
  VerifyResult: verifyResultSchema,
};

/** The whole document, as GET /v1/openapi.json answers and docs/openapi.json keeps it. */
export function operatorOpenApi(): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: "Understudy: the operators' API",
      version: '1',
      description: 'Every agent serves it. What must be done by another answers 307 to that one.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ operatorToken: [] }],
    paths,
    components: {
      securitySchemes: { operatorToken: { type: 'http', scheme: 'bearer' } },
      schemas: namedSchemas(),
    },
  };
}

function operation(name: string, endpoint: Endpoint): Json {
  const { body, answer, status } = endpoint;
  return {
    operationId: name,
    summary: endpoint.about,
    parameters: [...pathParameters(endpoint.path), ...queryParameters(endpoint.query)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContent(body) } }),
    responses: {
      [status]: { description: 'Done.', content: json(schemaOf(answer)) },
      307: { description: 'Ask the agent at Location.' },
      default: { description: 'What is wrong, where, what to do.', content: json(refTo('Error')) },
    },
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): readonly Json[] {
  if (query === undefined) return [];
  const schema = schemaOf(query) as { properties?: Json; required?: readonly string[] };
  return Object.entries(schema.properties ?? {}).map(([name, each]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    schema: each,
  }));
}

function bodyContent(body: z.ZodType | 'csv'): Json {
  return body === 'csv' ? { 'text/csv': { schema: { type: 'string' } } } : json(schemaOf(body));
}

const json = (schema: unknown): Json => ({ 'application/json': { schema } });
const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** One schema with references to the named ones; the whole when it is itself named. */
function schemaOf(schema: z.ZodType): Json {
  for (const [name, each] of Object.entries(named)) if (each === schema) return refTo(name);
  const own = 'The schema that is asked for';
  return clean(converted({ [own]: schema })[own]);
}

function namedSchemas(): Json {
  const all = converted({});
  return Object.fromEntries(Object.keys(named).map((name) => [name, clean(all[name])]));
}

function converted(more: Readonly<Record<string, z.ZodType>>): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...named, ...more })) registry.add(schema, { id });
  const uri = (id: string): string => `#/components/schemas/${id}`;
  return z.toJSONSchema(registry, { io: 'input', uri }).schemas;
}

/** `$schema` and `$id` are a document's own; inside OpenAPI they would name another one. */
function clean(schema: unknown): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema as Json;
  return rest;
}
