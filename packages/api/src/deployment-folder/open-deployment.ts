import { DeploymentError } from './deployment-error.ts';
import { type DeploymentPaths, deploymentPaths } from './deployment-paths.ts';
import { type Operator, readOperators } from './operator-token.ts';
import { readGuardedFile, readPrivateFile, readText } from './private-file.ts';

/** A deployment folder as its agents read it. */
export type Deployment = {
  readonly paths: DeploymentPaths;
  readonly topologyText: string;
  /** 64 hexadecimal digits. Secret: never logged. */
  readonly secret: string;
  readonly operators: readonly Operator[];
};

/** Reads the folder and refuses one that others could have read or changed. */
export async function openDeployment(dataDir: string): Promise<Deployment> {
  const paths = deploymentPaths(dataDir);
  const topologyText = await readText(paths.topology);
  const secret = (await readPrivateFile(paths.secret)).trim();
  if (!/^[0-9a-f]{64}$/.test(secret)) {
    throw new DeploymentError('damaged', {
      what: 'this is not a secret of 64 hexadecimal digits',
      where: paths.secret,
      todo: 'put it back from a backup or from another server of this deployment',
    });
  }
  const operators = readOperators(await readGuardedFile(paths.operators), paths.operators);
  return { paths, topologyText, secret, operators };
}

/** The operator's token of the folder, or of `file`. Secret. */
export async function readOperatorToken(dataDir: string, file?: string): Promise<string> {
  if (file === undefined)
    return (await readPrivateFile(deploymentPaths(dataDir).operatorToken)).trim();
  return (await readPrivateFile(file).catch(tokenMissing(file))).trim();
}

/** A token file that is named and not there says nothing about the deployment. */
function tokenMissing(file: string) {
  return (error: unknown): never => {
    if (!(error instanceof DeploymentError) || error.code !== 'noDeployment') throw error;
    throw new DeploymentError('unreadable', {
      what: 'there is no such token file',
      where: file,
      todo: "name the file that your token is in, or none for the deployment folder's own",
    });
  };
}
