// Feeds every rule an example that breaks it, and one beside it that does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHouse } from './check-house.ts';
import { formatFinding } from './finding.ts';
import type { Tree } from './tree.ts';

const manifests: Readonly<Record<string, string>> = {
  'package.json': '{ "devDependencies": { "fast-check": "1.0.0" } }',
  'tsconfig.json': '{ "references": [{ "path": "packages/agent" }, { "path": "packages/core" }] }',
  'packages/core/package.json':
    '{ "name": "@understudy/core", "exports": { ".": { "default": "./build/index.js" } } }',
  'packages/core/tsconfig.json': '{ "references": [] }',
  'packages/agent/package.json':
    '{ "name": "@understudy/agent", "dependencies": { "@understudy/core": "0.1.0", "pg": "8" } }',
  'packages/agent/tsconfig.json': '{ /* floor 3 */ "references": [{ "path": "../core" }] }',
};

/** What tidy says of a small house in which only the files given differ. */
function check(files: Record<string, string>): string[] {
  const tree: Tree = Object.entries({ ...manifests, ...files }).map(([path, text]) => ({
    path,
    text,
  }));
  return checkHouse(tree).map(formatFinding);
}

/** The code is refused at `path` with just this rule, at this line; without it nothing is. */
function refuses(rule: string, path: string, text: string, line = 1): void {
  const found = check({ [path]: text });
  assert.equal(found.length, 1, `${path}: ${text}\n${found.join('\n')}`);
  assert.ok(found[0]?.startsWith(`${path}:${line} ${rule}: `), found[0]);
}

function allows(path: string, text: string): void {
  assert.deepEqual(check({ [path]: text }), []);
}

test('a small tidy house is found tidy', () => assert.deepEqual(check({}), []));

test('imports point down', () => {
  const rule = 'imports point down';
  refuses(rule, 'packages/core/src/a.ts', "import { x } from '@understudy/agent';");
  refuses(rule, 'packages/core/src/a.ts', "import { readFile } from 'node:fs';");
  refuses(rule, 'packages/core/src/a.ts', "import type { Pool } from 'pg';");
  refuses(rule, 'packages/agent/src/a.ts', "import { x } from '@understudy/runbooks';");
  refuses(rule, 'packages/agent/src/a.ts', "\nconst a = await import('@understudy/cli');", 2);
  refuses(rule, 'packages/agent/src/a.ts', "type A = import('@understudy/cli').A;");
  refuses(rule, 'packages/agent/src/a.ts', "import { x } from '../../core/src/x.ts';");
  refuses(rule, 'packages/agent/src/a.ts', "import { x } from './x.js';");
  refuses(rule, 'packages/agent/src/a.ts', "import { z } from 'zod';");
  refuses(rule, 'packages/agent/src/a.ts', "import fs from 'fs';");
  refuses(rule, 'packages/agent/src/a.ts', "import { x } from '@understudy/postgres';");
  refuses(rule, 'packages/agent/src/a.ts', "import { aPool } from '@understudy/core/testing';");
  refuses(rule, 'packages/agent/src/a.test.ts', "import { x } from '@understudy/testkit';");
  allows('packages/agent/src/a.ts', "import { x } from '@understudy/core';\nimport pg from 'pg';");
  allows('packages/agent/src/a.test.ts', "import { aPool } from '@understudy/core/testing';");
  allows('packages/core/src/a.test.ts', "import fc from 'fast-check';");
});

test('package.json and tsconfig.json keep to the floors and agree', () => {
  const name = 'packages/core/package.json';
  const upwards =
    '{ "name": "@understudy/core", "dependencies": { "@understudy/agent": "0.1.0" } }';
  const found = check({ [name]: upwards });
  assert.match(found.join('\n'), /packages\/core may not|may not depend on @understudy\/agent/);
  assert.match(found.join('\n'), /core\/tsconfig\.json:1 .* does not refer to packages\/agent/);

  const unreferenced = check({ 'packages/agent/tsconfig.json': '{}' });
  assert.match(unreferenced.join('\n'), /does not refer to packages\/core/);
  const undeclared = check({ 'packages/agent/package.json': '{ "name": "@understudy/agent" }' });
  assert.match(undeclared.join('\n'), /refers to packages\/core, which package\.json does not/);
  const unbuilt = check({ 'tsconfig.json': '{ "references": [{ "path": "packages/core" }] }' });
  assert.match(unbuilt.join('\n'), /is not built: add packages\/agent/);
  const unknown = check({ 'packages/attic/package.json': '{ "name": "@understudy/attic" }' });
  assert.match(unknown.join('\n'), /has no floor/);
});

test('sizes', () => {
  const path = 'packages/agent/src/a.ts';
  const lines = (count: number) => '\n'.repeat(count - 1);
  refuses('function size', path, `\nfunction f() {${lines(71)}}`, 2);
  refuses('function size', path, `const f = () => {${lines(71)}};`);
  refuses('function size', path, `class A {\n  m() {${lines(71)}}\n}`, 2);
  allows(path, `function f() {${lines(70)}}`);
  allows('packages/agent/src/a.test.ts', `describe('a', () => {${lines(71)}});`);
  refuses('file size', path, `// One.${lines(501)}// Two.`);
  allows(path, `// One.${lines(500)}// Two.`);
  refuses('file size', 'packages/agent/src/a.test.ts', `// One.${lines(801)}// Two.`);
  allows('packages/agent/src/a.test.ts', `// One.${lines(800)}// Two.`);
  refuses('line size', path, `\n// ${'x'.repeat(98)}`, 2);
  refuses('line size', 'packages/postgres/src/sql/a.sql', `-- ${'x'.repeat(98)}`);
  allows(path, `// ${'x'.repeat(97)}`);
  const wide = `['${'x'.repeat(98)}'],`;
  allows(path, `// biome-ignore format: a row a line.\nconst table = [\n${wide}\n];`);
  refuses('line size', path, `// biome-ignore format: a row.\nconst table = [];\n${wide}`, 3);
  refuses('parameters', path, 'function f(a: A, b: B, c: C, d: D, e: E) {}');
  allows(path, 'function f(a: A, b: B, c: C, d: D) {}');
});

test('names', () => {
  for (const name of ['utils', 'test-helpers', 'common', 'pool-manager', 'service', 'a-impl']) {
    refuses('names', `packages/agent/src/${name}.ts`, '');
    refuses('names', `packages/agent/src/${name}/a.ts`, '');
  }
  refuses('names', 'packages/agent/src/copyState.ts', '');
  allows('packages/agent/src/base64-text.ts', '');
  allows('packages/agent/src/copy-state.pg.test.ts', '');
});

test('core has neither clock nor chance', () => {
  const rule = 'clock and chance';
  const path = 'packages/core/src/a.ts';
  refuses(rule, path, 'const a = Date.now();');
  refuses(rule, path, 'const a = globalThis.Date.now();');
  refuses(rule, path, '\nconst a = Math.random();', 2);
  refuses(rule, path, 'const a = new Date();');
  refuses(rule, path, 'const a = Date();');
  refuses(rule, path, 'const a = crypto.randomUUID();');
  refuses(rule, path, 'const a = [1].map(Math.random);');
  refuses(rule, 'packages/core/src/a.test.ts', 'const a = Date.now();');
  refuses(rule, 'packages/core/src/a.test.ts', "import { randomUUID } from 'node:crypto';");
  allows(path, 'const a = new Date(millis); const b = Date.parse(text);');
});

test('agent, runbook-engine and runbooks have time and chance from their ports', () => {
  const rule = 'clock and chance';
  for (const name of ['agent', 'runbook-engine', 'runbooks']) {
    const path = `packages/${name}/src/a.ts`;
    refuses(rule, path, 'setTimeout(() => {}, 5);');
    refuses(rule, path, 'const sleep = promisify(setTimeout);');
    refuses(rule, path, 'globalThis.setInterval(f, 5);');
    refuses(rule, path, 'const a = performance.now();');
    refuses(rule, path, 'const a = process.hrtime.bigint();');
    refuses(rule, path, "import { setTimeout as sleep } from 'node:timers/promises';");
    refuses(rule, path, "import { randomUUID } from 'node:crypto';");
    refuses(rule, path, "import crypto from 'node:crypto';");
    allows(path, 'function f(performance: A) { return performance.run; }');
    allows(path, "import { createHash } from 'node:crypto';");
    allows(path, 'await clock.sleep(5); const a = chance.next(); clock.setTimeout(f, 5);');
  }
  allows('packages/role-registrar/src/a.ts', 'setTimeout(() => {}, 5);');
});

test('the environment is read in env.ts', () => {
  const rule = 'environment';
  refuses(rule, 'packages/agent/src/a.ts', 'const a = process.env.HOME;');
  refuses(rule, 'packages/agent/src/a.ts', "const a = process.env['HOME'];");
  refuses(rule, 'packages/agent/src/a.ts', 'const { env } = process;');
  allows('packages/agent/src/env.ts', 'export const home = process.env.HOME;');
});

test('no barrels', () => {
  const rule = 'no barrels';
  refuses(rule, 'packages/core/src/a.ts', "\nexport * from './b.ts';", 2);
  refuses(rule, 'packages/core/src/a.ts', "export { b } from './b.ts';");
  refuses(rule, 'packages/core/src/pool/index.ts', "export { b } from './b.ts';");
  allows('packages/core/src/index.ts', "export { b } from './b.ts';");
});

test('no circles', () => {
  const a = "import type { B } from './b.ts';";
  const b = "import { c } from './c.ts';";
  const c = "import { a } from './a.ts';";
  const circle = { 'apps/x/src/b.ts': b, 'apps/x/src/c.ts': c, 'apps/x/src/a.ts': a };
  const found = check({ ...circle }).filter((line) => line.includes('no circles'));
  assert.deepEqual(
    found.map((line) => line.split(' ')[0]),
    ['apps/x/src/b.ts:1', 'apps/x/src/c.ts:1', 'apps/x/src/a.ts:1'],
  );
  allows('packages/core/src/testing/a.ts', "import { a } from './a.ts';");
  allows('packages/core/src/a.ts', "import { b } from './b.ts';");
});

test('no test is left out', () => {
  const rule = 'no skipped tests';
  const path = 'packages/core/src/a.test.ts';
  refuses(rule, path, "test.skip('a', () => {});");
  refuses(rule, path, "describe.only('a', () => {});");
  refuses(rule, path, "\ntest('a', { todo: true }, () => {});", 2);
  refuses(rule, path, "test('a', (t) => t.skip('not today'));");
  allows(path, "test('a', () => { iterator.skip(3); plan({ only: true }); });");
});

test('no machine paths', () => {
  const rule = 'no machine paths';
  const [home, work] = [['', 'home', 'me', 'x'].join('/'), ['', 'work', 'main'].join('/')];
  refuses(rule, 'packages/core/src/a.ts', `const a = '${home}';`);
  refuses(rule, 'docs/a.md', `\nSee ${work} for it.`, 2);
  allows('docs/a.md', `See https://example.org${home} and packages${work}.`);
});

test('comments lean on pages that are here', () => {
  const [rule, page] = ['citations', 'docs/decisions/0001-a.md'];
  const away = ['DECI', 'SIONS'].join('');
  refuses(rule, 'packages/core/src/a.ts', `\n// Kept (${away} 7).`, 2);
  refuses(rule, 'packages/core/src/a.ts', `// Kept (${['decisions', '0077'].join('/')}).`);
  const a = { [page]: '# 0001', 'packages/core/src/a.ts': '// Kept (decisions/0001, E3).' };
  assert.deepEqual(check(a), []);
});

test('the safety table leads to tests that name the rule', () => {
  const path = 'packages/core/src/a.test.ts';
  const table = `# Rules\n\n| E1 | \`${path}\` |`;
  assert.deepEqual(check({ 'docs/safety.md': table, [path]: '// E1.' }), []);
  assert.match(check({ 'docs/safety.md': table }).join(), /^docs\/safety\.md:3 safety table: /);
  assert.match(check({ 'docs/safety.md': table, [path]: '// E11.' }).join(), /does not name E1/);
});
