import {
  createOperatorClient,
  DeploymentError,
  findAgents,
  type OperatorClient,
  readOperatorToken,
} from '@understudy/api';
import type { ConnectOptions } from './cli-world.ts';
import { namesLike } from '@understudy/core';
import { UsageError } from './usage-error.ts';

/** A client of whichever agent of the deployment folder answers. */
export async function connect(
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<OperatorClient> {
  const agents = await findAgents(options.data);
  const wanted = agents.filter(
    ({ server }) => options.server === undefined || server === options.server,
  );
  if (options.server !== undefined && wanted.length === 0) {
    const known = namesLike(
      options.server,
      agents.map(({ server }) => server),
    );
    throw new UsageError(`there is no server ${options.server}; there are: ${known}`);
  }
  if (wanted.length === 0) {
    throw new DeploymentError('noDeployment', {
      what: 'no agent of this deployment has ever been started',
      where: options.data,
      todo: 'bring it up with `understudy up`, or name its folder with --data DIR',
    });
  }
  const token = await readOperatorToken(options.data, options.tokenFile);
  const hosts = new Set(agents.map(({ url }) => new URL(url).hostname));
  return createOperatorClient({
    url: wanted.map(({ url }) => url),
    token,
    mayFollow: (url) => hosts.has(url.hostname),
    signal,
  });
}
