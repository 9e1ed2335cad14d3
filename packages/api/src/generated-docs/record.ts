import { mkdirSync, writeFileSync } from 'node:fs';
import { docsFolder, generatedDocs } from './generated-docs.ts';

// Records the generated pages anew: `node packages/api/build/generated-docs/record.js`.

for (const { path, text } of generatedDocs()) {
  const place = new URL(path, docsFolder);
  mkdirSync(new URL('./', place), { recursive: true });
  writeFileSync(place, text);
}
