import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startWriters, waitServed, waitUnserved, type Writers } from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { bearDatasets, type Sites, startSites, waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { runCommand } from '../sites/run-command.ts';

// A store whose disk is full: a small disk of its own (tmpfs) that is filled up under its writers.
// Mounting one needs root; without it the test fails and says so.

const server = 'west-1';
const diskMb = 400;
const run = promisify(execFile);

let sites: Sites;
let writers: Writers;
let watch: CopyWatch;
let disk: string | undefined;
before(async () => {
  if (process.getuid?.() !== 0) throw new Error('this test mounts a disk (tmpfs): run it as root');
  sites = await startSites({
    beforeAgents: async (paths) => {
      const folder = paths.server(server).storeFolder('west-store');
      await mkdir(folder, { recursive: true, mode: 0o711 });
      await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0711`, 'tmpfs', folder]);
      disk = folder;
    },
  });
  await bearDatasets(sites);
  await waitWell(sites);
  writers = await startWriters(sites);
  watch = new CopyWatch(sites, writers);
});
after(async () => {
  await watch?.stop();
  await writers?.[Symbol.asyncDispose]();
  if (disk !== undefined) {
    await sites?.killServer(server);
    await run('umount', ['--lazy', disk]);
  }
  await sites?.[Symbol.asyncDispose]();
});

test('a full disk is said, the other pool is served, and nothing is lost', async () => {
  const folder = disk ?? '';
  const filler = join(folder, 'filler');
  await fill(filler, folder);
  await waitUnserved(writers, 'west');
  await waitServed(writers, 'east');
  await waitFor('that status says it', async () => {
    const { out } = await runCommand('status', '--json', '--data', sites.paths.dataDir);
    return /the disk of west-store is full: free some space/.test(out) ? true : undefined;
  });
  await rm(filler);
  await sites.agent(server).start();
  await waitWell(sites);
  await watch.assertWhole();
});

/** Writes zeros until nothing more fits. */
async function fill(file: string, folder: string): Promise<void> {
  const handle = await open(file, 'w');
  const { bavail, bsize } = await statfs(folder);
  const piece = Buffer.alloc(64 * 1024);
  try {
    for (let written = 0; written <= bavail * bsize + piece.length; written += piece.length) {
      await handle.write(piece);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await handle.close();
  }
}
