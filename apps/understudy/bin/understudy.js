#!/usr/bin/env node
// Committed as it is, for npm links a workspace's command only when its file is there before the
// build (npm 10). It does nothing but import what was built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../build/main.js', import.meta.url);

if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write(
    'error: understudy is not built yet\n' +
      `  where: ${fileURLToPath(built)} is missing\n` +
      '  do: npm ci && npm run build\n',
  );
  process.exitCode = 1;
}
