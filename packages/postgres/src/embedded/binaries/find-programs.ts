import { readLauncherEnvironment } from '../env.ts';
import { chooseRunUser } from '../process/run-user.ts';
import { findBinaries } from './find-binaries.ts';
import { placeBinaries } from './place-binaries.ts';

/** The folder that the launcher runs PostgreSQL's programs from, for whoever stands in between. */
export async function findPrograms(): Promise<string> {
  const found = await findBinaries(readLauncherEnvironment().binDir);
  const { binDir } = await placeBinaries(found, await chooseRunUser());
  return binDir;
}
