import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bounds } from '../bounds.ts';
import { folderError } from '../embedded-postgres-error.ts';
import { readLauncherEnvironment } from '../env.ts';
import { findBinaries } from '../binaries/find-binaries.ts';
import { initdbArguments, initializeCluster } from './initialize-cluster.ts';
import { type PlacedBinaries, placeBinaries } from '../binaries/place-binaries.ts';
import { exists, placeData, type StoreFiles } from './place-data.ts';
import { runProgram } from '../process/run-program.ts';
import { chooseRunUser, closedFolder, type RunUser } from '../process/run-user.ts';
import { sharedPlace } from './shared-place.ts';
import { hostBasedAuthentication, includeSettings } from './store-settings.ts';

/** Where throw-away clusters of tests live, one folder each. */
export async function testPlace(user: RunUser): Promise<string> {
  const temporary = await realpath(tmpdir());
  const closed = await closedFolder(temporary, user);
  const place = join(closed === undefined ? temporary : await sharedPlace(user), placeName());
  await mkdir(place, { recursive: true, mode: 0o711 });
  await chmod(place, 0o711);
  return place;
}

function placeName(): string {
  return `understudy-test-${process.getuid?.() ?? 0}`;
}

/** A new store folder with a copy of a cluster that initdb made once for this version. */
export async function cloneCluster(binDir?: string): Promise<string> {
  const environment = readLauncherEnvironment();
  const found = await findBinaries(binDir ?? environment.binDir);
  const user = await chooseRunUser();
  const place = await testPlace(user);
  const binaries = await placeBinaries(found, user);
  const template = await makeTemplate(place, binaries);
  const dataDir = await mkdtemp(join(place, `store-${process.pid}-`));
  await chmod(dataDir, 0o711);
  const copy = await placeData(dataDir);
  await copyFile(template.passwordFile, copy.passwordFile);
  await copyTree(template, copy);
  return dataDir;
}

/** A template made in another way is another template. */
const recipe = [...initdbArguments, hostBasedAuthentication, includeSettings].join('\n');

async function makeTemplate(place: string, binaries: PlacedBinaries): Promise<StoreFiles> {
  const made = createHash('sha256').update(recipe).digest('hex').slice(0, 8);
  const template = join(place, `template-${await versionName(binaries)}-${made}`);
  if (!(await exists(template))) {
    // Made beside its place and renamed: another test process never sees half a template.
    const unfinished = await mkdtemp(`${template}-new-`);
    await chmod(unfinished, 0o711);
    const files = await placeData(unfinished);
    await initializeCluster({ files, binaries, isSyncOff: true });
    await rename(unfinished, template).catch(async (error: unknown) => {
      await rm(unfinished, { recursive: true, force: true });
      if (!(await exists(template))) throw folderError(template, error);
    });
  }
  return placeData(template);
}

async function versionName(binaries: PlacedBinaries): Promise<string> {
  const { output } = await runProgram({
    program: join(binaries.binDir, 'postgres'),
    args: ['--version'],
    user: await chooseRunUser(),
    withinMs: bounds.versionWithinMs,
  });
  return output.replaceAll(/[^0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '');
}

async function copyTree(template: StoreFiles, copy: StoreFiles): Promise<void> {
  // Some 1,000 small files; `cp -a` keeps their owner and is ten times quicker than one by one.
  const { exitCode, output } = await runProgram({
    program: '/bin/cp',
    args: ['-a', template.pgdata, copy.pgdata],
    user: { ...template.user, isOther: false },
    withinMs: bounds.initdbWithinMs,
  });
  if (exitCode !== 0) throw folderError(copy.home, new Error(output.trim()));
}
