import { createPeerClient, derivePeerKey } from '@understudy/agent';
import { createRoleControlClient, type OpenServer } from '@understudy/api';
import { inheritedEnvironment } from './env.ts';
import { createRoleProcess } from './role-process.ts';
import { systemClock as clock } from '@understudy/ports/system';

/** Clients of partners and roles, and the roles' process. */
export function openParts({ deployment, paths, server, topology, secret }: OpenServer) {
  const { peerTimeoutMs, orderTimeoutMs, roleTimeoutMs } = topology.limits;
  const key = derivePeerKey(secret);
  const partners = topology.servers
    .filter(({ name }) => name !== server.name)
    .map(({ name, address, ports }) =>
      createPeerClient({
        server: name,
        host: address,
        port: ports.peer,
        key,
        questionTimeoutMs: peerTimeoutMs,
        orderTimeoutMs,
      }),
    );
  const environment = inheritedEnvironment();
  const { dataDir } = deployment;
  return {
    partners,
    roles: createRoleControlClient(paths.rolesSocket, {
      answerMs: roleTimeoutMs,
      hydrateMs: orderTimeoutMs,
    }),
    supervisor: createRoleProcess({ paths, dataDir, server: server.name, environment, clock }),
    async [Symbol.asyncDispose]() {
      for (const partner of partners) partner[Symbol.dispose]();
    },
  };
}
