import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DeploymentError, type OpenServer } from '@understudy/api';
import type { SipTls } from '@understudy/role-registrar';

/** Certificate and key of a server that has any; throws DeploymentError where one is missing. */
export async function readTls({ server, deployment }: OpenServer): Promise<SipTls | undefined> {
  if (server.tls === undefined) return undefined;
  const read = async (file: string) => {
    const where = resolve(deployment.dataDir, file);
    return await readFile(where, 'utf8').catch((error: unknown) => {
      throw new DeploymentError('damaged', {
        what: `the certificate or key of ${server.name} cannot be read: ${String(error)}`,
        where,
        todo: `put it there, or correct \`tls\` of ${server.name} in the topology file`,
      });
    });
  };
  const { certificate, key } = server.tls;
  return { port: server.ports.sips, cert: await read(certificate), key: await read(key) };
}
