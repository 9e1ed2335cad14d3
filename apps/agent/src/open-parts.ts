import { createPeerClient, derivePeerKey } from '@understudy/agent';
import { createRoleControlClient, detourHost, type OpenServer } from '@understudy/api';
import { inheritedEnvironment } from './env.ts';
import { createRoleProcess } from './role-process.ts';
import { systemClock as clock } from '@understudy/ports/system';

/** Clients of partners and roles, and the roles' process. */
export function openParts(config: OpenServer) {
  const { deployment, paths, server, topology, secret, detours } = config;
  const { peerTimeoutMs, orderTimeoutMs, roleTimeoutMs } = topology.limits;
  const key = derivePeerKey(secret);
  const partners = topology.servers
    .filter(({ name }) => name !== server.name)
    .map(({ name, address, ports }) => {
      const detour = detours.agents[name];
      return createPeerClient({
        server: name,
        host: detour === undefined ? address : detourHost,
        port: detour ?? ports.peer,
        key,
        questionTimeoutMs: peerTimeoutMs,
        orderTimeoutMs,
      });
    });
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
