import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { openSites, type Sites, startSites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { runCommand } from '../sites/run-command.ts';

// What an operator may hand over by mistake or malice: told what, where and what to do, and nothing
// is changed by it.

describe('hostile files and wrong secrets, by the command line', () => {
  let sites: Sites;
  let dataDir: string;
  before(async () => {
    sites = await openSites();
    ({ dataDir } = sites.paths);
  });
  after(() => sites?.[Symbol.asyncDispose]());

  async function written(name: string, text: string): Promise<string> {
    const path = join(dataDir, name);
    await writeFile(path, text);
    return path;
  }

  for (const [name, change, told] of hostileTopologies()) {
    test(`a topology ${name} is refused with line and column before anything starts`, async () => {
      const file = await written('hostile.yaml', change(defaultTopologyText()));
      const folder = join(dataDir, 'never-made');
      const said = await runCommand('up', file, '--init', '--data', folder);
      assert.equal(said.exit, 1);
      assert.match(`${said.out}${said.err}`, told);
      assert.match(`${said.out}${said.err}`, /hostile\.yaml:\d+:\d+: /);
      await assert.rejects(readdir(folder), { code: 'ENOENT' });
    });
  }

  test('a CSV with bad lines names them all and imports nobody', async () => {
    const lines = [
      'name,display_name,password',
      'good,Good,secret-password',
      'bad name!,Bad,x',
      '',
    ];
    const file = await written('users.csv', `${lines.join('\n')}\u0000,x\n"never closed,x,y\n`);
    const said = await runCommand('user', 'import', file, '--pool', 'east', '--data', dataDir);
    assert.equal(said.exit, 1);
    assert.match(said.err, /users\.csv:3: /);
    assert.match(`${said.out}${said.err}`, /Nothing was imported/);
    const { users } = await sites.client.listUsers('east');
    assert.deepEqual(users, []);
  });

  test('a wrong token is refused, and the answer does not tell the right one', async () => {
    const token = await written('wrong-token', 'not-the-token\n');
    await chmod(token, 0o600);
    const said = await runCommand('status', '--token-file', token, '--data', dataDir);
    assert.equal(said.exit, 1);
    assert.match(said.err, /token/);
    assert.match(said.err, /do: /);
  });

  test('a store by URL with a wrong password: where and why, and not the password', async () => {
    const [store] = sites.topology.stores;
    const port = store?.port;
    const url = `postgresql://postgres:wrong-secret@127.0.0.1:${port}/postgres`;
    const text = defaultTopologyText()
      .replace('  - name: east-store\n', `  - name: east-store\n    url: ${url}\n`)
      .replace('name: understudy', 'name: other');
    const other = await startOne(text);
    try {
      assert.match(other.log, /password/);
      assert.match(other.log, /east-store/);
      assert.doesNotMatch(other.log, /wrong-secret/);
    } finally {
      await other.close();
    }
  });
});

function hostileTopologies() {
  const replaced = (from: string, to: string) => (text: string) => text.replace(from, to);
  return [
    ['with an unknown name', replaced('server: west-1', 'server: wets-1'), /west-1/],
    [
      'with a pairing that is not mutual',
      replaced('backupPool: east', 'backupPool: west'),
      /mutual/,
    ],
    ['that is no YAML', (text: string) => `${text}\n\t- [unclosed`, /./],
    ['with an anchor bomb', (text: string) => `a: &a [x,x]\nb: &b [*a,*a]\n${text}`, /./],
    [
      'with control characters in a name',
      replaced('name: east\n', 'name: "ea\\u0007st"\n'),
      /name/,
    ],
  ] as const;
}

/** The agent of east-1 alone on this topology, until it has said what is wrong. */
async function startOne(topologyText: string) {
  const sites = await startSites({ topologyText });
  const path = sites.paths.server('east-1').agentLog;
  const log = await waitFor('a complaint', async () => {
    const text = await readFile(path, 'utf8');
    return text.includes('password') ? text : undefined;
  });
  return { log, close: () => sites[Symbol.asyncDispose]() };
}
