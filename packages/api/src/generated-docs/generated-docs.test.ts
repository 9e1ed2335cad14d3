import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { docsFolder, generatedDocs } from './generated-docs.ts';

for (const { path, text } of generatedDocs()) {
  test(`docs/${path} is fresh`, () => {
    assert.equal(
      readFileSync(new URL(path, docsFolder), 'utf8'),
      text,
      'record it anew with: node packages/api/build/generated-docs/record.js',
    );
  });
}
