import { readFileSync } from 'node:fs';
import {
  createAgent,
  createLog,
  createOperatorApp,
  createPeerApp,
  derivePeerKey,
  listenForOperators,
  listenForPeers,
} from '@understudy/agent';
import { apiUrl, openServer, writePrivateFile, writeProcessFile } from '@understudy/api';
import { catalogue } from '@understudy/runbooks';
import { env, inheritedEnvironment } from './env.ts';
import { openMountRight } from './open-mount-right.ts';
import { openParts } from './open-parts.ts';
import { openStores } from './open-stores.ts';
import {
  createSystemCommands,
  systemChance as chance,
  systemClock as clock,
} from '@understudy/ports/system';

// The agent of one server. Its roles and stores outlive it; on SIGTERM it ends and leaves them.

const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;

async function main(): Promise<void> {
  const config = await openServer(env);
  const log = createLog(config.logLevel);
  await writeProcessFile(config.paths.agentPid);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => stop.abort(new Error(`it was asked to end (${name})`)));
  }
  await using stores = await openStores({ config, clock, log });
  await using parts = openParts(config);
  const { partners } = parts;
  await using right = openMountRight({ config, stores: stores.stores, partners, clock, chance });
  const { server, topology, topologyHash, secret, operators } = config;
  const agent = createAgent({
    server: server.name,
    version,
    topology,
    topologyHash,
    clock,
    chance,
    log,
    stores: stores.stores,
    ...parts,
    runbooks: catalogue,
    mountRight: right.mountRight,
    commands: createSystemCommands(inheritedEnvironment()),
  });
  const host = server.address;
  await using _peers = await listenForPeers(createPeerApp(agent.client, log), {
    host,
    port: server.ports.peer,
    key: derivePeerKey(secret),
  });
  const api = { agent, topology, topologyHash, version, operators, log };
  await using listening = await listenForOperators(
    createOperatorApp({ ...api, roles: parts.roles }),
    {
      host,
      port: server.ports.api,
    },
  );
  await writePrivateFile(config.paths.agentAddress, `${apiUrl(host, listening.port)}\n`);
  log.say('info', `the agent of ${server.name} answers at ${apiUrl(host, listening.port)}`);
  await Promise.all([agent.start(stop.signal), stores.keep(stop.signal)]);
  log.say('info', `the agent of ${server.name} ends; its roles and stores stay`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
