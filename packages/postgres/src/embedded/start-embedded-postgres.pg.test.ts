import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, promisify } from 'node:util';
import { takeLock } from '@understudy/api';
import pg from 'pg';
import { findBinaries } from './binaries/find-binaries.ts';
import { bounds } from './bounds.ts';
import { testPlace } from './data/clone-cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { isAlive } from './process/postmaster-process.ts';
import { chooseRunUser } from './process/run-user.ts';
import {
  findEmbeddedPostgres,
  removeEmbeddedPostgres,
  stopEmbeddedPostgres,
} from './remove-embedded-postgres.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
let scratch = '';
const stores = new Set<string>();

before(async () => {
  // A place that PostgreSQL's user can enter even where the temporary folder is private.
  scratch = await mkdtemp(join(await testPlace(await chooseRunUser()), 'launcher-'));
  await chmod(scratch, 0o711);
});

after(async () => {
  for (const dataDir of stores) {
    await stopEmbeddedPostgres(dataDir, 'immediate');
    await removeEmbeddedPostgres(dataDir);
  }
  await rm(scratch, { recursive: true, force: true });
});

function newStore(name: string): string {
  const dataDir = join(scratch, name);
  stores.add(dataDir);
  return dataDir;
}

async function ask(server: EmbeddedPostgres, sql: string, password?: string): Promise<unknown[]> {
  const url = new URL(server.url('postgres'));
  if (password !== undefined) url.password = password;
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => undefined); // Tests kill servers under open sessions.
  try {
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refusedWith(code: string) {
  return (error: unknown) => error instanceof EmbeddedPostgresError && error.code === code;
}

/** Starts the store from another process, which is then killed. */
async function startFromKilledProcess(dataDir: string): Promise<number> {
  const launcher = fileURLToPath(new URL('./start-embedded-postgres.js', import.meta.url));
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(launcher)});
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    process.stdout.write(String(server.pid));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return Number(said.toString());
}

describe('a store', () => {
  test('starts with the settings replication needs, and keeps its data over a stop', async () => {
    const dataDir = newStore('plain');
    const first = await startEmbeddedPostgres({ dataDir, settings: { work_mem: '5MB' } });
    const settings = await ask(
      first,
      `SELECT current_setting(name) FROM unnest(ARRAY['wal_level', 'data_checksums', 'work_mem',
       'max_prepared_transactions', 'fsync', 'synchronous_commit', 'listen_addresses']) AS name`,
    );
    assert.deepEqual(settings, ['logical', 'on', '5MB', '0', 'on', 'on', '127.0.0.1']);
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS number');
    await first.stop();
    assert.equal(await isAlive(first.pid), false);

    const second = await startEmbeddedPostgres({ dataDir });
    assert.equal(second.isAdopted, false);
    assert.equal(second.port, first.port, 'the port is stored and reused');
    assert.deepEqual(await ask(second, 'SELECT number FROM kept'), [7]);
    await second.stop('immediate');
  });

  test('is killed with all its processes, and recovers at the next start', async () => {
    const dataDir = newStore('killed');
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS number');
    const [writer] = await ask(
      first,
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
    );
    await first.kill();
    assert.equal(await isAlive(first.pid), false);
    assert.equal(await isAlive(Number(writer)), false);
    await stat(join(first.pgdata, 'postmaster.pid')); // E12: left for PostgreSQL to judge.

    const second = await startEmbeddedPostgres({ dataDir });
    assert.deepEqual(await ask(second, 'SELECT number FROM kept'), [7]);
    await second.stop('immediate');
  });

  test('starts while a session of its killed server still computes', async () => {
    const dataDir = newStore('busy');
    const first = await startEmbeddedPostgres({ dataDir });
    const busy = ask(first, 'DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$').catch(() => undefined);
    const look = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'";
    let session: unknown;
    for (let looks = 0; looks < 500 && session === undefined; looks += 1) {
      [session] = await ask(first, look);
    }
    process.kill(first.pid, 'SIGKILL');
    const second = await startEmbeddedPostgres({ dataDir });
    assert.equal(await isAlive(Number(session)), false);
    assert.deepEqual(await ask(second, 'SELECT 1'), [1]);
    await busy;
    await second.stop('immediate');
  });

  test('refuses every wrong or missing password, sockets and replication included', async () => {
    const server = await startEmbeddedPostgres({ dataDir: newStore('passwords') });
    await assert.rejects(ask(server, 'SELECT 1', 'wrong'), { code: '28P01' });
    await assert.rejects(ask(server, 'SELECT 1', ''), /password/);
    const methods = await ask(server, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules');
    assert.deepEqual(methods, ['scram-sha-256']);
    const file = await stat(join(scratch, 'passwords', 'password'));
    assert.equal(file.mode & 0o777, 0o600);
    const written = (await readFile(server.logFile, 'utf8')) + inspect(server);
    assert.equal(written.includes(server.superuserPassword), false);
    await server.stop('immediate');
  });
});

describe('a server that outlived the process that started it', () => {
  test('is adopted, with new settings reloaded', async () => {
    const dataDir = newStore('orphan');
    const pid = await startFromKilledProcess(dataDir);
    assert.equal(await isAlive(pid), true);
    const said: string[] = [];
    const adopted = await startEmbeddedPostgres({
      dataDir,
      settings: { work_mem: '6MB' },
      log: (line) => said.push(line),
    });
    assert.equal(adopted.pid, pid);
    assert.equal(adopted.isAdopted, true);
    assert.match(said.join('\n'), /Adopted PostgreSQL/);
    assert.deepEqual(await findEmbeddedPostgres(dataDir), {
      pid,
      port: adopted.port,
      status: 'ready',
    });
    await adopted.stop();
    assert.equal(await findEmbeddedPostgres(dataDir), undefined);
  });

  test('is waited for while it shuts down', async () => {
    const dataDir = newStore('leaving');
    const first = await startEmbeddedPostgres({ dataDir });
    const [stopped, second] = await Promise.all([first.stop(), startEmbeddedPostgres({ dataDir })]);
    assert.equal(stopped, undefined);
    assert.deepEqual(await ask(second, 'SELECT 1'), [1]);
    await second.stop('immediate');
  });

  test('is one server when two starts race', async () => {
    const dataDir = newStore('race');
    const both = await Promise.all([1, 2].map(() => startEmbeddedPostgres({ dataDir })));
    assert.equal(both[0]?.pid, both[1]?.pid);
    assert.deepEqual(await ask(both[0] as EmbeddedPostgres, 'SELECT 1'), [1]);
    await both[0]?.stop('immediate');
  });

  test('is started by one at a time, when a killed one has left its pid file', async () => {
    const dataDir = newStore('one-at-a-time');
    const killed = await startEmbeddedPostgres({ dataDir });
    await killed.kill();
    const other = await takeLock(join(dataDir, 'starting'));
    const started = startEmbeddedPostgres({ dataDir });
    await sleep(2 * bounds.startRetryAfterMs);
    assert.equal(await findEmbeddedPostgres(dataDir), undefined);
    await other[Symbol.asyncDispose]();
    const again = await started;
    assert.deepEqual(await ask(again, 'SELECT 1'), [1]);
    await again.stop('immediate');
  });
});

describe('ports', () => {
  test('a stored port that is taken is replaced, and the log says so', async () => {
    const dataDir = newStore('moved');
    const first = await startEmbeddedPostgres({ dataDir });
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const said: string[] = [];
      const second = await startEmbeddedPostgres({ dataDir, log: (line) => said.push(line) });
      assert.notEqual(second.port, first.port);
      assert.match(said.join('\n'), new RegExp(`Port ${first.port} stored in .* is taken`));
      await second.stop('immediate');
      await assert.rejects(
        startEmbeddedPostgres({ dataDir, port: first.port }),
        refusedWith('portTaken'),
      );
    } finally {
      squatter.close();
    }
  });
});

describe('places', () => {
  test('under a closed folder the same data are found again, and removed with it', async () => {
    const closed = join(scratch, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, 'store');
    stores.add(dataDir);
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS number');
    await first.stop();
    assert.equal(first.pgdata.startsWith(closed), !isRoot);
    const second = await startEmbeddedPostgres({ dataDir });
    assert.deepEqual(await ask(second, 'SELECT number FROM kept'), [7]);
    await assert.rejects(removeEmbeddedPostgres(dataDir), refusedWith('stillRunning'));
    await second.stop('immediate');
    await removeEmbeddedPostgres(dataDir);
    await assert.rejects(stat(second.pgdata), { code: 'ENOENT' });
  });

  test('two starts that race under a closed folder share one store', async () => {
    const closed = join(scratch, 'closed-race');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, 'store');
    stores.add(dataDir);
    const both = await Promise.all([1, 2].map(() => startEmbeddedPostgres({ dataDir })));
    assert.equal(both[0]?.pid, both[1]?.pid);
    await both[0]?.stop('immediate');
  });

  test('programs without links, in a closed folder, run all the same', async () => {
    const { root, links } = await findBinaries();
    assert.ok(links !== undefined && links.length > 0);
    const closed = join(scratch, 'closed-programs');
    await mkdir(closed, { mode: 0o700 });
    const native = join(closed, 'native');
    const isLink = (path: string) => links.some(({ link }) => path === join(root, link));
    await cp(root, native, { recursive: true, filter: (path) => !isLink(path) });
    const dataDir = newStore('without-links');
    const server = await startEmbeddedPostgres({ dataDir, binDir: join(native, 'bin') });
    assert.deepEqual(await ask(server, 'SELECT 1'), [1]);
    await server.stop('immediate');
  });

  test('data that became unreachable are not replaced by empty ones', async (context) => {
    if (!isRoot) return context.diagnostic('only root runs PostgreSQL as somebody else');
    const open = join(scratch, 'open');
    await mkdir(open);
    await chmod(open, 0o711);
    const dataDir = join(open, 'store');
    stores.add(dataDir);
    const server = await startEmbeddedPostgres({ dataDir });
    await server.stop('immediate');
    await chmod(open, 0o700);
    await assert.rejects(startEmbeddedPostgres({ dataDir }), refusedWith('folderUnusable'));
    await chmod(open, 0o711);
  });
});

describe('refusals', () => {
  test('data of another version', async () => {
    const dataDir = newStore('version');
    const server = await startEmbeddedPostgres({ dataDir });
    await server.stop('immediate');
    await writeFile(join(server.pgdata, 'PG_VERSION'), '14\n');
    await assert.rejects(startEmbeddedPostgres({ dataDir }), (error) => {
      assert.ok(error instanceof EmbeddedPostgresError);
      assert.equal(error.code, 'wrongVersion');
      assert.match(error.message, /made by PostgreSQL 14/);
      return true;
    });
  });

  test('a password file that is gone or of other data', async () => {
    const dataDir = newStore('lost-password');
    const server = await startEmbeddedPostgres({ dataDir });
    await writeFile(join(dataDir, 'password'), 'other\n');
    await assert.rejects(startEmbeddedPostgres({ dataDir }), refusedWith('passwordRefused'));
    await server.stop('immediate');
    await rm(join(dataDir, 'password'));
    await assert.rejects(startEmbeddedPostgres({ dataDir }), refusedWith('passwordMissing'));
  });

  test('folders that are no folders, programs that are not there, settings unknown', async () => {
    const file = join(scratch, 'file');
    await writeFile(file, '');
    await assert.rejects(
      startEmbeddedPostgres({ dataDir: join(file, 'store') }),
      refusedWith('folderUnusable'),
    );
    await assert.rejects(
      startEmbeddedPostgres({ dataDir: newStore('none'), binDir: scratch }),
      refusedWith('binariesMissing'),
    );
    await assert.rejects(
      startEmbeddedPostgres({ dataDir: newStore('odd'), settings: { no_such_setting: 1 } }),
      (error) => refusedWith('startFailed')(error) && /no_such_setting/.test(String(error)),
    );
  });

  test('a full disk, and a start that goes on once there is room', async (context) => {
    const disk = join(scratch, 'disk');
    await mkdir(disk);
    const mounting = run('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=711', 'tmpfs', disk]);
    const refusal = await mounting.then(() => undefined, String);
    if (refusal !== undefined) return context.diagnostic(`no small disk to fill here: ${refusal}`);
    try {
      const dataDir = join(disk, 'store');
      await assert.rejects(startEmbeddedPostgres({ dataDir }), refusedWith('diskFull'));
      assert.deepEqual(await readdir(dataDir), ['password'], 'nothing half-made is kept');
      await run('mount', ['-o', 'remount,size=100m', disk]);
      const server = await startEmbeddedPostgres({ dataDir });
      assert.deepEqual(await ask(server, 'SELECT 1'), [1]);
      await server.stop('immediate');
    } finally {
      await run('umount', [disk]);
    }
  });

  test('a start that is given up leaves no server', async () => {
    const dataDir = newStore('given-up');
    const controller = new AbortController();
    const starting = startEmbeddedPostgres({ dataDir, signal: controller.signal });
    controller.abort();
    await assert.rejects(starting, { name: 'AbortError' });
    assert.equal(await findEmbeddedPostgres(dataDir), undefined);
  });
});
