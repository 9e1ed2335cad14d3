import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import {
  createDeployment,
  defaultTopologyText,
  DeploymentError,
  type DeploymentPaths,
  deploymentPaths,
  parseTopologyFile,
  readTextIfThere,
  TopologyMistakesError,
  writePrivateFile,
} from '@understudy/api';
import type { UpOptions } from '@understudy/cli';
import type { Server, Topology } from '@understudy/core';
import { examineStores } from './examine-stores.ts';
import { readTopology } from './read-topology.ts';
import { chooseServers } from './servers-here.ts';
import type { UpIo } from '../up-io.ts';

export type Prepared = {
  readonly paths: DeploymentPaths;
  readonly topology: Topology;
  /** The servers that are to run here; their ports may still have to be chosen. */
  readonly servers: readonly Server[];
  /** Datasets are to be born: `--init`, or a default deployment that did not exist. */
  readonly isInit: boolean;
  /** Agents that run still know the topology of before. */
  readonly isChanged: boolean;
};

/** Judges the topology first, and only when it has no mistake writes anything. */
export async function prepareFolder(
  options: UpOptions,
  { say }: Pick<UpIo, 'say'>,
): Promise<Prepared> {
  const paths = deploymentPaths(options.data);
  const there = await readTextIfThere(paths.topology);
  const { text, name, isDefault } = await wantedTopology(options, { paths, there });
  const parsed = parseTopologyFile(text, name);
  if (parsed.topology === undefined) throw new TopologyMistakesError(parsed);
  // A single server of a deployment is never new by itself: its partners hold the datasets.
  const isInit = options.isInit || (isDefault && options.server === undefined);
  const { topology } = parsed;
  const servers = chooseServers(topology, options.server);
  const { dataDir } = paths;
  if (!isInit) await refuseUnborn(paths);
  await examineStores({ paths, topology, servers, isInit }, { say });
  if (isInit) {
    await createDeployment({ dataDir, topologyText: text, operator: operatorName() });
  } else if (text !== there) {
    await writePrivateFile(paths.topology, text);
  }
  for (const { name: server } of topology.servers) {
    await mkdir(paths.server(server).folder, { recursive: true, mode: 0o711 });
  }
  const isChanged = there !== undefined && there !== text;
  return { paths, topology, servers, isInit, isChanged };
}

async function wantedTopology(
  { file }: UpOptions,
  { paths, there }: { readonly paths: DeploymentPaths; readonly there: string | undefined },
) {
  if (file !== undefined) return { text: await readTopology(file), name: file, isDefault: false };
  if (there !== undefined) return { text: there, name: paths.topology, isDefault: false };
  return { text: defaultTopologyText(), name: paths.topology, isDefault: true };
}

/** An empty folder is not a new deployment unless somebody says so (decisions/0008). */
async function refuseUnborn(paths: DeploymentPaths): Promise<void> {
  if ((await readTextIfThere(paths.secret)) !== undefined) return;
  throw new DeploymentError('noDeployment', {
    what: 'this folder holds no deployment',
    where: paths.dataDir,
    todo:
      'add --init if it is a new one; for another server of one that exists, first copy ' +
      'secret, operators.json and operator-token from its folder',
  });
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator'; // A uid without a name, as in containers.
  }
}
