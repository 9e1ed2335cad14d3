import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { DrillDeployment } from './deployment/drill-deployment.ts';
import { startDeployment } from './deployment/start-deployment.ts';
import { drillDocument, scenarioNames, type ScenarioName } from './report/drill-document.ts';
import { type DrillOptions, runDrill } from './run-drill.ts';
import { forcedRequest } from './scenario/force-failover.ts';

const cliPath = fileURLToPath(
  new URL('../../../apps/understudy/bin/understudy.js', import.meta.url),
);

/** A name for a folder among the temporary files that is gone, with all in it, at the end. */
async function withFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'understudy-drill-test-'));
  try {
    await work(join(parent, 'data'));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** Processes whose command line or environment names the folder: all that a drill starts. */
async function processesOf(dataDir: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (command.includes(dataDir) || environment.includes(dataDir)) found.push(`${pid} ${command}`);
  }
  return found;
}

function startDrill(words: readonly string[]) {
  const drill = spawn(process.execPath, [cliPath, 'drill', ...words]);
  const said = { out: '', error: '' };
  drill.stdout.on('data', (piece: Buffer) => (said.out += piece.toString()));
  drill.stderr.on('data', (piece: Buffer) => (said.error += piece.toString()));
  return { drill, said, ended: once(drill, 'close') };
}

async function assertNothingLeft(dataDir: string): Promise<void> {
  assert.deepEqual(await processesOf(dataDir), []);
  await assert.rejects(access(dataDir), { code: 'ENOENT' });
}

test('a drill passes, prints one document, and leaves nothing behind', () =>
  withFolder(async (dataDir) => {
    const words = ['--users', '20', '--writes', '50', '--json', '--data', dataDir];
    const { said, ended } = startDrill(words);
    const [code] = (await ended) as [number];
    assert.equal(code, 0, `${said.error}\n${said.out}`);
    const document = drillDocument.parse(JSON.parse(said.out));
    assert.equal(document.verdict, 'pass');
    assert.deepEqual(
      document.scenarios.map(({ name }) => name),
      [...scenarioNames],
    );
    for (const { ackedWrites, ackedMessages, steps } of document.scenarios) {
      assert.ok(ackedWrites > 0 && ackedMessages > 0 && steps.length > 0);
    }
    const limited = document.scenarios.find(({ name }) => name === 'limited-mode');
    assert.ok((limited?.queuedWrites ?? 0) > 0, 'nothing was queued in limited mode');
    await assertNothingLeft(dataDir);
  }));

test('a drill that is told to end leaves nothing behind either', () =>
  withFolder(async (dataDir) => {
    const { drill, said, ended } = startDrill(['--users', '20', '--data', dataDir]);
    for (let waitedMs = 0; waitedMs < 30_000 && !said.out.includes('users are'); waitedMs += 50) {
      await sleep(50);
    }
    assert.notDeepEqual(await processesOf(dataDir), []);
    drill.kill('SIGTERM');
    const [code] = (await ended) as [number];
    assert.equal(code, 1);
    await assertNothingLeft(dataDir);
  }));

type Disturbance = Pick<DrillOptions, 'disturbBefore' | 'disturbAfter' | 'only'>;

/** A drill whose deployment is meddled with, behind the back of everyone. */
async function disturbed(dataDir: string, disturbance: Disturbance, isVoted = true) {
  const { signal } = new AbortController();
  await using deployment = await startDeployment({
    cliPath,
    dataDir,
    isVoted,
    isCuttable: !isVoted,
    isKept: false,
    say: () => {},
    signal,
  });
  return await runDrill(deployment, {
    users: 20,
    writesPerSecond: 50,
    say: () => undefined,
    tell: () => undefined,
    ...disturbance,
    signal,
  });
}

test('a deleted row and a second gate, behind the back of everyone, fail the drill', () =>
  withFolder(async (dataDir) => {
    const { scenarios, verdict } = await disturbed(dataDir, {
      only: ['planned-failover', 'failback'],
      disturbAfter: loseRowOrOpenGate,
    });
    assert.equal(verdict, 'fail');
    assert.match(scenarios[0]?.findings.join() ?? '', /1 acknowledged writes are missing/);
    const seen = /went on:.*west-store (had an open gate|took a raw write)/s;
    assert.match(scenarios[1]?.findings.join() ?? '', seen);
  }));

test('a registration deleted at the target before it is mounted there fails the drill', () =>
  withFolder(async (dataDir) => {
    const deleted: string[] = [];
    const { scenarios, verdict } = await disturbed(dataDir, {
      only: ['planned-failover'],
      disturbBefore: async (_name, deployment) => {
        deleted.push(await deleteRegistration(deployment));
      },
    });
    assert.equal(verdict, 'fail');
    const findings = scenarios[0]?.findings.join('\n') ?? '';
    const probes = `1 (message|call) probe of pool east \\(${deleted[0]}\\)`;
    assert.match(findings, new RegExp(`not served again: ${probes}`));
  }));

test('a second writer, raised by a false word while the sites are cut, fails the drill', () =>
  withFolder(async (dataDir) => {
    const disturbance: Disturbance = {
      only: ['partition-without-witness'],
      disturbBefore: (_name, deployment) => takeByFalseWord(deployment),
    };
    const { scenarios, verdict } = await disturbed(dataDir, disturbance, false);
    assert.equal(verdict, 'fail');
    assert.match(scenarios[0]?.findings.join('\n') ?? '', /that should have ended went on/);
  }));

/** Far longer than a takeover needs. */
const takenWithinMs = 60_000;

/** West is told that east is off, which is not true: without voters nothing else is in its way. */
async function takeByFalseWord(deployment: DrillDeployment): Promise<void> {
  await deployment.cut(['east', 'west']);
  const west = deployment.clientOf('west');
  const asked = forcedRequest('east');
  const deadlineMs = Date.now() + takenWithinMs;
  let run: string | undefined;
  while (Date.now() < deadlineMs) {
    if (run === undefined) {
      const { quoteId } = await west.plan(asked).catch(() => ({ quoteId: undefined }));
      const accepted = quoteId === undefined ? asked : { ...asked, acceptedQuote: quoteId };
      run = await west.startRun(accepted).then(
        (started) => started.run,
        () => undefined,
      );
    } else if ((await west.showRun(run)).row.state === 'succeeded') return;
    await sleep(100);
  }
  assert.fail('west did not take the pool');
}

async function onWest<Result>(
  deployment: DrillDeployment,
  work: (west: Client) => Promise<Result>,
): Promise<Result> {
  const url = new URL((await deployment.superuserUrl('west-store')) ?? '');
  url.pathname = '/users_east';
  const west = new Client({ connectionString: url.href });
  await west.connect();
  try {
    return await work(west);
  } finally {
    await west.end();
  }
}

/** Of a phone that signs in no second time, which is the one that has done so least. */
async function deleteRegistration(deployment: DrillDeployment): Promise<string> {
  return await onWest(deployment, async (west) => {
    await west.query('SET session_replication_role = replica');
    const { rows } = await west.query<{ name: string }>(
      `DELETE FROM app.bindings b USING app.users u WHERE u.id = b.user_id
          AND b.id = (SELECT id FROM app.bindings ORDER BY cseq LIMIT 1) RETURNING u.name`,
    );
    return rows[0]?.name ?? assert.fail('no phone has signed in');
  });
}

/** Together longer than several looks of the checkers, on a busy machine too. */
const openTimes = 60;
const openEveryMs = 50;

/** After the failover west serves and loses a row; after the failback its gate is opened again. */
async function loseRowOrOpenGate(name: ScenarioName, deployment: DrillDeployment): Promise<void> {
  await onWest(deployment, async (west) => {
    if (name === 'planned-failover') {
      await west.query(
        `SET session_replication_role = replica;
         DELETE FROM app.messages WHERE id = (SELECT id FROM app.messages ORDER BY id LIMIT 1)`,
      );
      return;
    }
    // West's agent shuts it again when it sees it; somebody who insists opens it again.
    for (let times = 0; times < openTimes; times++) {
      await west.query('UPDATE understudy.gate SET valid_until_ms = understudy.clock_ms() + 60000');
      await sleep(openEveryMs);
    }
  });
}
