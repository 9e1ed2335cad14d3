import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoints } from './endpoints.ts';
import { operatorOpenApi } from './openapi.ts';

const text = JSON.stringify(operatorOpenApi());

test('every endpoint is in the document, under its own name', () => {
  for (const name of Object.keys(endpoints)) assert.ok(text.includes(`"operationId":"${name}"`));
});

test('every reference of the document leads somewhere in it', () => {
  const { components } = operatorOpenApi() as { components: { schemas: Record<string, unknown> } };
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > 0);
  for (const reference of references) {
    const name = reference?.replace('#/components/schemas/', '') ?? '';
    assert.ok(name in components.schemas, reference);
  }
});
