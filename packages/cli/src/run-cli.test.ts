import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseTopologyFile, TopologyMistakesError } from '@understudy/api';
import { aPlan, aRunDetail, aStatus } from './golden/fake-deployment.ts';
import { aGroupChange } from './golden/fake-group.ts';
import { type Answers, FakeRefusal, serveOperators } from './golden/fake-operators.ts';
import { aWorld, type FakeWorldOptions } from './golden/fake-world.ts';
import { runCli } from './run-cli.ts';

/** Runs one command against canned answers. */
async function run(
  words: readonly string[],
  answers: Answers,
  world: Omit<FakeWorldOptions, 'url'> = {},
) {
  await using operators = await serveOperators(answers);
  const fake = aWorld({ ...world, url: operators.url });
  const exit = await runCli(words, fake);
  return { exit, written: fake.written.join(''), asked: operators.asked };
}

async function aFile(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file');
  await writeFile(file, text);
  return file;
}

const started = { 'POST /v1/plans': aPlan(), 'POST /v1/runs': { run: 'run-2' } };
const waiting = () => {
  const detail = aRunDetail();
  const row = { ...detail.row, state: 'waitingForApproval', why: 'Mount?' };
  return { ...started, 'GET /v1/runs/run-2': { ...detail, row } };
};
const done = { why: 'done' };

test('a name that is not there is wrong usage, with the nearest that is', async () => {
  const { exit, written } = await run(['pool', 'show', 'eats'], { 'GET /v1/status': aStatus() });
  assert.equal(exit, 2);
  assert.match(written, /there is no pool eats; there are: east, west; did you mean east\?/);
  const finding = { severity: 'refusal', code: 'unknownPool', why: 'there is no pool eats' };
  const refused = { plan: null, findings: [finding], words: [] };
  const asked = await run(['pool', 'failover', 'eats'], { 'POST /v1/plans': refused });
  assert.equal(asked.exit, 2);
});

test('what-if asks for the plan and begins nothing', async () => {
  const { exit, asked } = await run(['pool', 'failover', 'east', '--what-if'], started);
  assert.equal(exit, 0);
  assert.deepEqual(
    asked.map((each) => each.split(' ')[1]),
    ['/v1/plans'],
  );
});

test('with --json there is one document on standard output', async () => {
  const answers = { ...started, 'GET /v1/runs/run-2': aRunDetail() };
  const { exit, written } = await run(['pool', 'failover', 'east', '--json'], answers);
  assert.equal(exit, 0);
  const document = JSON.parse(written) as { run: { state: string }; journal: unknown[] };
  assert.equal(document.run.state, 'succeeded');
  assert.equal(document.journal.length, aRunDetail().journal.length);
});

for (const move of ['failover', 'failback'] as const) {
  test(`a forced ${move} carries the word and the quote`, async () => {
    const words = ['pool', move, 'east', '--force', '--partner-is-off', '--accept-loss=q1'];
    const { asked } = await run(words, { ...started, 'GET /v1/runs/run-2': aRunDetail() });
    const begun = asked.find((each) => each.startsWith('POST /v1/runs ')) ?? '';
    assert.deepEqual(JSON.parse(begun.replace('POST /v1/runs ', '')), {
      runbook: `pool-${move}`,
      pool: 'east',
      mode: 'forced',
      isPartnerOff: true,
      acceptedQuote: 'q1',
    });
  });

  test(`a planned ${move} takes neither word nor quote`, async () => {
    for (const word of ['--partner-is-off', '--accept-loss=q1']) {
      const { exit, written } = await run(['pool', move, 'east', word], started);
      assert.equal(exit, 2, written);
      assert.match(written, /goes with --force/);
    }
  });
}

test('a refusal for a single reason says it once, with its code', async () => {
  const why = 'pool east is active already';
  const refusals = [{ severity: 'refusal', code: 'alreadyThere', why } as const];
  const answer = new FakeRefusal('refused', { what: why, todo: 'nothing', refusals });
  const words = ['pool', 'set-state', 'east', 'Active'];
  const answers = { 'GET /v1/status': aStatus(), 'POST /v1/pools/east/state': answer };
  const { exit, written } = await run(words, answers);
  assert.equal(exit, 3);
  assert.equal(written, `! refused: ${why} (alreadyThere)\n!   do: nothing\n`);
});

test('an approval is refused without a terminal, and says how to give it', async () => {
  const { exit, written } = await run(['pool', 'failover', 'east'], waiting());
  assert.equal(exit, 3);
  assert.match(written, /waits for an approval: Mount\?/);
  assert.match(written, /understudy run approve run-2/);
});

test('in a terminal the question is asked, and a no cancels the run', async () => {
  const answers = {
    ...waiting(),
    'POST /v1/runs/run-2/cancel': new FakeRefusal('refused', { what: 'cancelled', todo: '-' }),
  };
  const { asked, written } = await run(['pool', 'failover', 'east'], answers, { answers: ['no'] });
  assert.match(written, /Mount\? \[yes\/no\] no/);
  assert.ok(asked.some((each) => each.startsWith('POST /v1/runs/run-2/cancel')));
});

test('a run that failed exits with 1 and says how to go on', async () => {
  const detail = aRunDetail();
  const row = { ...detail.row, state: 'failed', why: 'the marker did not come' };
  const answers = { ...started, 'GET /v1/runs/run-2': { ...detail, row } };
  const { exit, written } = await run(['pool', 'failover', 'east'], answers);
  assert.equal(exit, 1);
  assert.match(written, /the marker did not come\ndo: understudy run resume run-2/);
});

test('a run that has undone everything is begun again, not resumed', async () => {
  const detail = aRunDetail();
  const why = 'the switch does not answer; all was undone';
  const row = { ...detail.row, state: 'failed', why };
  const line = {
    run: row.id,
    attempt: row.attempt,
    number: 99,
    step: 'run',
    event: 'undone',
    why,
    atMs: 0,
  };
  const journal = [...detail.journal, line];
  const answers = { ...started, 'GET /v1/runs/run-2': { ...detail, row, journal } };
  const { exit, written } = await run(['pool', 'failover', 'east'], answers);
  assert.equal(exit, 1);
  assert.match(written, /all was undone\ndo: mend the cause, and begin again/);
});

test('a run that a rule refused exits with 3 and says its sentence', async () => {
  const detail = aRunDetail();
  const why = 'west-1 refused: nothing proves that site east is off; all was undone';
  const row = { ...detail.row, state: 'refused', why };
  const answers = { ...started, 'GET /v1/runs/run-2': { ...detail, row } };
  const { exit, written } = await run(['pool', 'failover', 'east'], answers);
  assert.equal(exit, 3);
  assert.match(written, /^pool-failover of pool:east refused: west-1 refused: nothing proves/m);
  assert.match(written, /all was undone\ndo: what it says, and begin again/);
});

test('a password comes from standard input and is not printed', async () => {
  const user = { id: 'u1', name: 'ada', displayName: '', routingGroup: 'east-rg1' };
  const words = ['user', 'add', 'ada', '--pool', 'east'];
  const answers = { 'POST /v1/pools/east/users': user };
  const { exit, written, asked } = await run(words, answers, { input: 'open sesame\n' });
  assert.equal(exit, 0);
  assert.ok(!written.includes('sesame'));
  assert.match(asked[0] ?? '', /"password":"open sesame"/);
});

test('two passwords that differ add nobody', async () => {
  const words = ['user', 'add', 'ada', '--pool', 'east'];
  const { exit, asked } = await run(words, {}, { answers: ['one', 'other'] });
  assert.equal(exit, 2);
  assert.deepEqual(asked, []);
});

test('there is no way to give a password on the command line', async () => {
  const { exit } = await run(['user', 'add', 'ada', '--pool', 'east', '--password', 'x'], {});
  assert.equal(exit, 2);
});

test('bad lines of an import are named as an editor reads them', async (t) => {
  const file = await aFile(t, 'name,password\nada,\n');
  const badLines = [{ line: 2, why: 'the password is empty' }];
  const answer = new FakeRefusal('badLines', { what: '1 bad line', todo: 'mend it', badLines });
  const words = ['user', 'import', file, '--pool', 'east'];
  const { exit, written } = await run(words, { 'POST /v1/pools/east/users/import': answer });
  assert.equal(exit, 1);
  assert.ok(written.includes(`${file}:2: the password is empty`));
  assert.ok(written.includes('Nothing was imported'));
});

test('a file that is imported goes out whole', async (t) => {
  const file = await aFile(t, 'name,password\nada,secret\n');
  const words = ['user', 'import', file, '--pool', 'east'];
  const answers = { 'POST /v1/pools/east/users/import': { id: 'i', rows: 1, why: '1 user' } };
  const { exit, asked } = await run(words, answers);
  assert.equal(exit, 0);
  assert.match(asked[0] ?? '', /name,password\nada,secret$/);
});

test('verify exits with 1 when a row differs, and names it', async () => {
  const differences = [{ table: 'app.users', key: 'u1', kind: 'different' }];
  const result = { atMs: 0, generation: 7, tables: 9, rows: 4, differences };
  const answers = {
    'POST /v1/datasets/users-east/verify': { ...done, results: [{ store: 'west-store', result }] },
  };
  const { exit, written } = await run(['dataset', 'verify', 'users-east'], answers);
  assert.equal(exit, 1);
  assert.match(written, /app\.users u1 differs/);
});

test('mistakes of a topology are reasons, and with --json a document that lists them', async () => {
  const found = parseTopologyFile('sites: []\npoolz: []\n', 'my.yaml');
  assert.ok(found.topology === undefined);
  const up = () => Promise.reject(new TopologyMistakesError(found));
  const fake = aWorld({ url: '' });
  const world = { ...fake, deployment: { ...fake.deployment, up } };
  assert.equal(await runCli(['up', 'my.yaml'], world), 1);
  assert.match(fake.written.join(''), /^! my\.yaml:2:1: `poolz`/m);
  const asJson = aWorld({ url: '' });
  await runCli(['up', 'my.yaml', '--json'], { ...world, ...asJson, deployment: world.deployment });
  const onStdout = asJson.written.filter((each) => !each.startsWith('! ')).join('');
  const { error, mistakes } = JSON.parse(onStdout) as { error: object; mistakes: object[] };
  assert.deepEqual(Object.keys(error), ['code', 'what', 'where', 'todo']);
  assert.deepEqual(mistakes, found.mistakes);
});

test('the words of a drill go through as they are', async () => {
  const { written } = await run(['--json', 'drill', '--users', '3', '--help'], {});
  assert.equal(written, '(drill ["--json","--users","3","--help"])\n');
});

test("the originals' names mean ours", async () => {
  const answers = { 'GET /v1/backup': { directions: [] }, 'POST /v1/pools/east/state': null };
  const status = await run(['Get-CsBackupServiceStatus'], answers);
  assert.match(status.written, /means: understudy backup status/);
  const set = ['Set-CsRegistrarConfiguration', '-Identity', 'Registrar:east.example.test'];
  const { asked } = await run([...set, '-PoolState', 'FailedOver'], answers);
  assert.match(asked[0] ?? '', /^POST \/v1\/pools\/east\/state \{"state":"failedOver"/);
});

test("the originals' services are a server's; ours are said to be none of theirs", async () => {
  const at = (server: string, act: string) => `POST /v1/servers/${server}/services/${act}`;
  const answers = { [at('east-1', 'stop')]: done, [at('east-1', 'start')]: done };
  const named = ['-Name', 'RTCSRV', '-ComputerName', 'east-1.example.test', '-NoWait'];
  const stop = ['Stop-CsWindowsService', '-LeaveClsAgentRunning', ...named, '--data', 'a folder'];
  const stopped = await run(stop, answers);
  assert.equal(stopped.exit, 0, stopped.written);
  assert.match(stopped.written, /means: understudy services stop east-1 --data a folder/);
  assert.deepEqual(stopped.asked, [`${at('east-1', 'stop')} {"isServingFine":false}`]);
  const forced = await run([...stop, '-Force'], answers);
  assert.deepEqual(forced.asked, [`${at('east-1', 'stop')} {"isServingFine":true}`]);
  const replica = ['Start-CsWindowsService', '-Name', 'REPLICA', '-ComputerName', 'east-1'];
  const refused = await run(replica, answers);
  assert.equal(refused.exit, 2);
  assert.match(refused.written, /does not know the service REPLICA; RTCSRV, the registrar/);
});

test('what runs is listed, of one server too', async () => {
  const answers = { 'GET /v1/status': aStatus() };
  const all = await run(['services', 'list', '--json'], answers);
  const { services } = JSON.parse(all.written) as { services: readonly { server: string }[] };
  assert.equal(services.length, 6);
  const east = await run(['Get-CsWindowsService', '-ComputerName', 'east-1'], answers);
  assert.match(east.written, /east-1 +registrar +running +serves east, 8 routing groups/);
  assert.doesNotMatch(east.written, /west-1/);
  assert.equal((await run(['services', 'list', 'eats-1'], answers)).exit, 2);
});

test('a watch that is stopped ends well, in a terminal and elsewhere', async () => {
  await using operators = await serveOperators({ 'GET /v1/status': aStatus() });
  for (const answers of [undefined, []]) {
    const stop = new AbortController();
    const options = answers === undefined ? {} : { answers };
    const world = { ...aWorld({ url: operators.url, ...options }), signal: stop.signal };
    const stopping = { ...world, sleep: async () => stop.abort() };
    assert.equal(await runCli(['status', '--watch'], stopping), 0);
    assert.match(world.written.join(''), /Every pool is served at home/);
  }
});

test('a change of the group is told of every server that was named', async () => {
  const words = ['group', 'stop', '--server', 'east-1', '--server', 'west-1', '--what-if'];
  const { exit, asked } = await run(words, { 'POST /v1/group': aGroupChange() });
  assert.equal(exit, 0);
  assert.match(asked.join('\n'), /"servers":\["east-1","west-1"\]/);
});
