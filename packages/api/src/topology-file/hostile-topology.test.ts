import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { topologyTextMax } from './check-text.ts';
import { defaultTopologyText } from './default-topology.ts';
import { showMistakes } from './mistake.ts';
import { parseTopologyFile } from './parse-topology-file.ts';

// Hostile files never do anything but give mistakes with places. A failure prints its seed.

function judge(text: string): void {
  const read = parseTopologyFile(text, 'topology.yaml');
  if (read.topology !== undefined) return;
  assert.ok(read.mistakes.length > 0);
  const lineCount = text.split('\n').length;
  for (const { line, column, what, todo } of read.mistakes) {
    assert.ok(line >= 1 && line <= lineCount + 1, `line ${line} of ${lineCount}`);
    assert.ok(column >= 1, `column ${column}`);
    assert.ok(what !== '' && todo !== '');
  }
  // What a terminal would obey.
  assert.doesNotMatch(showMistakes(read).replaceAll('\n', ''), /\p{Cc}/u);
}

const fill = (text: string) => text.repeat(Math.floor(topologyTextMax / text.length));
const deepFlow = (open: string, close: string) => open.repeat(5_000) + close.repeat(5_000);

// Found by trying: unguarded, the first of these ends the whole process inside the YAML library.
const bombs = {
  'opening brackets': fill('['),
  'opening braces': fill('{a: '),
  'nested lists': fill('- '),
  'nested keys': fill('? '),
  'empty values': fill(': '),
  'nested pairs': deepFlow('[', ']'),
  'closing brackets': ']'.repeat(20_000),
  'a staircase': Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
  'many keys': Array.from({ length: 8_000 }, (_, index) => `k${index}: 1\n`).join(''),
  'one key many times': 'sites:\n'.repeat(8_000),
  'laughing aliases': `a: &a [x]\n${'b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n'.repeat(500)}`,
  'a merge of itself': 'a: &a\n  <<: *a\nsites: *a',
  anchors: '- &a\n'.repeat(5_000),
  tags: '!'.repeat(50_000),
  'a long line': `name: ${'x'.repeat(100_000)}`,
  'a block scalar': `name: |\n${' x\n'.repeat(20_000)}`,
  documents: '---\n'.repeat(10_000),
  directives: '%a\n'.repeat(5_000),
  carriages: '\r'.repeat(50_000),
  'too large': 'x'.repeat(topologyTextMax + 1),
  'many entries': `sites:\n${'  - name: a\n'.repeat(8_000)}`,
  prototypes: '__proto__: {sites: []}\nconstructor: {prototype: 1}\ntoString: x\n',
  'an inner prototype': 'limits: {__proto__: {cycleMs: 1}}\nsites: [{__proto__: 1}]\n',
  numbers: 'sites: [{name: 1}, {name: 0x10}, {name: .inf}, {name: -.nan}, {name: 1e999}]\n',
  'a byte order mark': `\uFEFF${defaultTopologyText()}`,
  'half a surrogate': 'name: "\\ud800"\nsites: \ud800\n',
  escapes: 'name: "\\e[31m\\0\\x07"\n"\\e]0;x\\a": 1\n',
};

for (const [name, text] of Object.entries(bombs)) {
  test(`a hostile file gives mistakes and nothing else: ${name}`, () => judge(text));
}

test('any text gives mistakes and nothing else', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('sites:', 'name:', '- ', '\n', '  ', '\t', '[', ']', '{', '}', '"', "'", '|'),
    fc.constantFrom('&a', '*a', '!!x', '<<:', '? ', ': ', '#', '---', '\u0000', '\r\n', '\\'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => judge(pieces.join(''))),
    { numRuns: 300 },
  );
});

test('a default file with any piece replaced by any other gives mistakes or a topology', () => {
  const text = defaultTopologyText();
  fc.assert(
    fc.property(
      fc.nat(text.length),
      fc.nat(30),
      fc.oneof(fc.string({ maxLength: 10 }), fc.json({ maxDepth: 2 })),
      (start, length, piece) => judge(text.slice(0, start) + piece + text.slice(start + length)),
    ),
    { numRuns: 500 },
  );
});

test('any value of the right kinds in the wrong places gives mistakes and nothing else', () => {
  const kinds = ['sites', 'servers', 'stores', 'pools', 'datasets', 'limits', 'domains', 'name'];
  const keys = ['name', 'site', 'server', 'servers', 'pool', 'copies', 'store', 'ports', 'url'];
  const inner = fc.dictionary(
    fc.constantFrom(...keys, 'backupPool', 'users', 'lossLimit', 'maxAgeMs'),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('east', 'a', 1, null)),
  );
  const file = fc.dictionary(
    fc.constantFrom(...kinds),
    fc.oneof(fc.array(inner, { maxLength: 4 }), inner, fc.jsonValue({ maxDepth: 1 })),
  );
  fc.assert(
    fc.property(file, (value) => judge(JSON.stringify(value))),
    { numRuns: 300 },
  );
});
