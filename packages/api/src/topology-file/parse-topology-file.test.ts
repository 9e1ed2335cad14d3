import assert from 'node:assert/strict';
import test from 'node:test';
import { aTopology } from '@understudy/core/testing';
import { defaultTopologyText } from './default-topology.ts';
import { showMistakes } from './mistake.ts';
import { parseTopologyFile } from './parse-topology-file.ts';

const votes = { kind: 'postgres', witness: { port: 0 }, endpoints: [] } as const;

/** The default file with each text replaced by the one after it. */
function changed(...changes: readonly (readonly [string, string])[]): string {
  let text = defaultTopologyText();
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, to);
  }
  return text;
}

function shown(text: string): readonly string[] {
  const read = parseTopologyFile(text, 'topology.yaml');
  return read.topology === undefined ? showMistakes(read).split('\n') : [];
}

test('the default file is the default deployment', () => {
  const read = parseTopologyFile(defaultTopologyText(), 'topology.yaml');
  assert.deepEqual(read, { topology: aTopology({ votes }) });
});

test('voters may be left out, and are refused when they are written wrong', () => {
  const none = changed(['votes:\n  witness: {}\n', '']);
  assert.deepEqual(parseTopologyFile(none, 'x'), { topology: aTopology() });
  assert.deepEqual(shown(changed(['witness: {}', 'witnes: {}'])), [
    'topology.yaml:67:3: `witnes` is not known here; did you mean `witness`?',
  ]);
});

test('a site may have a fencing command, whose mistakes are said where they are', () => {
  const site = (fencing: string) =>
    changed(['  - name: east\n', `  - name: east\n    fencing: ${fencing}\n`]);
  const { topology } = parseTopologyFile(
    site('{ command: [/sbin/fence, east], expect: off }'),
    'x',
  );
  assert.deepEqual(topology?.sites[0], {
    name: 'east',
    fencing: { command: ['/sbin/fence', 'east'], timeoutMs: 30_000, expect: 'off' },
  });
  assert.deepEqual(shown(site('{ command: [fence], timeoutMs: 5, expects: off }')), [
    'topology.yaml:11:26: "fence" is not the whole path of a program; ' +
      'write it from the root on; it is run without a shell',
    'topology.yaml:11:45: `timeoutMs` is 5; at least 1000',
    'topology.yaml:11:48: `expects` is not known here; did you mean `expect`?',
  ]);
  assert.deepEqual(shown(site('{ command: /sbin/fence }')), [
    'topology.yaml:11:25: `command` is "/sbin/fence"; it has to be a list',
  ]);
  assert.deepEqual(shown(site('{}')), [
    'topology.yaml:11:14: `command` is missing; it has to be a list',
  ]);
});

test('what is left out has its default', () => {
  const text = changed(
    ['name: understudy\n', ''],
    ['domains: [example.test]\n', ''],
    ['    address: 127.0.0.1\n', ''],
    ['    users: 100000\n', ''],
    ['    userCapacity: 200000\n', ''],
    ['    lossLimit: good\n', ''],
    ['west-store, preference: 2 }', 'west-store }'],
  );
  assert.deepEqual(parseTopologyFile(text, 'x'), { topology: aTopology({ votes }) });
});

test('digests over TLS are those of all phones unless they are set', () => {
  const set = (text: string) => changed(['domains:', `phoneDigestsOverTls: ${text}\ndomains:`]);
  const { topology } = parseTopologyFile(set('[SHA-512-256, MD5]'), 'x');
  assert.deepEqual(topology?.phoneDigestsOverTls, ['SHA-512-256', 'MD5']);
  assert.deepEqual(topology?.phoneDigests, ['MD5']);
  assert.match(shown(set('[SHA-1]')).join(), /phoneDigestsOverTls/);
  assert.match(shown(set('[]')).join(), /phoneDigestsOverTls/);
});

test('all mistakes at once: of shape and of what the file says together', () => {
  const text = changed(
    ['site: west', 'site: wets'],
    ['backupPool: west', 'bakupPool: west'],
    ['east-store, preference: 1', 'east-store, preference: one'],
    ['# limits:\n#', 'limits:\n '],
    ['leaseMs: 6000', 'leaseMS: 6000'],
  );
  assert.deepEqual(shown(text), [
    'topology.yaml:11:11: site `west` has no server; add one, or leave it out',
    'topology.yaml:20:11: there is no site named `wets`; did you mean `west`?',
    'topology.yaml:38:5: `bakupPool` is not known here; did you mean `backupPool`?',
    'topology.yaml:44:17: the pairing is not mutual: `east` names no backup pool; ' +
      'write backupPool: west in pool `east`, or pair with another',
    'topology.yaml:54:42: `preference` is "one"; it has to be a number',
    'topology.yaml:71:5: `leaseMS` is not known here; did you mean `leaseMs`?',
  ]);
});

test('text that is not YAML is said where it breaks, and what follows is not guessed at', () => {
  const lines = shown(changed(['  - name: west\n', '\t- name: west\n'], ['pool: east', 'pool: 1']));
  assert.match(lines[0] ?? '', /^topology\.yaml:11:1: Tabs are not allowed.*; indent with spaces$/);
  assert.ok(
    lines.every((line) => line.startsWith('topology.yaml:11:')),
    lines.join('\n'),
  );
});

test('anchors, aliases, tags, odd keys and keys given twice are not for a topology', () => {
  const has = (text: string, part: RegExp) => {
    assert.ok(
      shown(text).some((line) => part.test(line)),
      `${part} in ${shown(text).join('\n')}`,
    );
  };
  has(changed(['domains: [example.test]', 'domains: &d [*d]']), /:6:13: this value has an anchor/);
  has(changed(['domains: [example.test]', 'domains: &d [*d]']), /:6:14: `\*d` is an alias/);
  has(changed(['domains:', 'name: again\ndomains:']), /:6:1: `name` is given twice; keep one/);
  has(changed(['domains:', '7: x\ndomains:']), /:6:1: a key has to be a word/);
  has(changed(['name: understudy', 'name: !!js/function x']), /:5:7: .*remove the tag/);
  has(
    `${defaultTopologyText()}---\nname: x\n`,
    /a second document begins here; keep one document in the file/,
  );
});

test('a password in a URL is never repeated', () => {
  const url = (text: string) => changed(['server: west-1\n', `server: west-1\n    ${text}\n`]);
  for (const text of [
    'url: postgres://u:hunter2@db.example.org/x',
    'url: hunter2://u:hunter2@x',
    'name: postgres://u:hunter2@db.example.org/x',
    'port: postgres://u:hunter2@db.example.org/x',
  ]) {
    const lines = shown(url(text));
    assert.ok(lines.length > 0, text);
    assert.ok(!lines.join('\n').includes('hunter2'), lines.join('\n'));
  }
});

test('what is no topology at all says so', () => {
  assert.deepEqual(shown(''), [
    'topology.yaml:1:1: the file is empty; it has to be a mapping (key: value)',
  ]);
  assert.deepEqual(shown('- x'), [
    'topology.yaml:1:1: the file is a list; it has to be a mapping (key: value)',
  ]);
  assert.match(shown('x'.repeat(200_000))[0] ?? '', /has 200000 characters; .* at most 131072/);
  assert.match(shown('sites: \u0000')[0] ?? '', /:1:8: a control character \(0x00\)/);
});
