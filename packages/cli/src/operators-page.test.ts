import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deploymentErrorCodes, errorStatus } from '@understudy/api';
import type { Command } from 'commander';
import { buildProgram } from './build-program.ts';
import { exitCode } from './exit-code.ts';
import { aWorld } from './golden/fake-world.ts';

const folder = new URL('../../../docs/operating/', import.meta.url);
const pageAt = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const rows = pageAt('when-things-go-wrong.md').split('\n');

function assertRow(start: RegExp): void {
  assert.ok(
    rows.some((row) => start.test(row)),
    `the operators' page has no row like ${start.source}`,
  );
}

test('operators find every exit code', () => {
  for (const code of Object.values(exitCode)) assertRow(new RegExp(`^\\| ${code} \\|`));
});

test('operators find every error of the API with its status', () => {
  for (const [code, status] of Object.entries(errorStatus)) {
    assertRow(new RegExp(`^\\| \`${code}\` \\| ${status} \\|`));
  }
});

test('operators find every error of a deployment folder', () => {
  for (const code of deploymentErrorCodes) assertRow(new RegExp(`^\\| [^|]*\`${code}\``));
});

test('operators find what the command line says by itself', () => {
  // As they stand in show-error.ts, which makes them.
  const source = readFileSync(new URL('../src/show-error.ts', import.meta.url), 'utf8');
  const stopped = readFileSync(new URL('../src/show-stopped.ts', import.meta.url), 'utf8');
  const codes = [...`${source}${stopped}`.matchAll(/code: '([a-zA-Z]+)'/g)].map(([, code]) => code);
  assert.ok(codes.includes('noAnswer'));
  for (const code of codes) assertRow(new RegExp(`^\\| \`${code}\` \\|`));
});

/** Made from the program itself. */
const recorded = ['cli.md', 'transcript.md'];

test('every command that a page names is one, with its options', () => {
  const pages = readdirSync(folder).filter(
    (name) => !recorded.includes(name) && name.endsWith('.md'),
  );
  const named = pages.flatMap((name) => commandsIn(pageAt(name)).map((words) => [name, words]));
  assert.ok(named.length > 100);
  const program = buildProgram({ world: aWorld({ url: 'http://127.0.0.1:1' }), exit: 0 });
  const wrong = named.flatMap(([name = '', words = '']) => {
    const unknown = findUnknown(program, words.split(' '));
    return unknown === undefined ? [] : [`${name}: understudy ${words} (${unknown})`];
  });
  assert.deepEqual(wrong, []);
});

/** Typed between backticks, or at the beginning of a line of its own; said after that in words. */
function commandsIn(text: string): readonly string[] {
  const inline = [...text.matchAll(/`understudy ([^`]+)`/g)];
  const lines = [...text.matchAll(/^\$? ?understudy (\S.*?)(?: {2,}.*)?$/gm)];
  const said = (words: string) => words.startsWith('is not built'); // A message, no command.
  return [...inline, ...lines].flatMap(([, words = '']) => (said(words) ? [] : [words]));
}

/** The first word that the program does not know where it stands; undefined when all is known. */
function findUnknown(program: Command, words: readonly string[]): string | undefined {
  let at = program;
  for (const word of words) {
    const next = at.commands.find((each) => each.name() === word);
    if (next !== undefined) at = next;
    else if (at.commands.length > 0 && /^[a-z]/.test(word)) return word;
    if (at.name() === 'drill') return undefined; // It hands its words on.
    if (!word.startsWith('--')) continue;
    const long = word.split('=')[0];
    const options = [...at.options, ...program.options];
    if (!options.some((option) => option.long === long) && long !== '--help') return long;
  }
  return undefined;
}
