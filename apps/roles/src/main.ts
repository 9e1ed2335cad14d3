import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiUrl, type OpenServer, openServer, writeProcessFile } from '@understudy/api';
import { createLog, type RunningRegistrar, startRegistrar } from '@understudy/role-registrar';
import { systemChance, systemClock } from '@understudy/ports/system';
import { env } from './env.ts';
import { readTls } from './read-tls.ts';

// The roles of one server. It outlives its agent (decisions/0017) and learns from it, over a unix
// socket, what is mounted; past the mount's deadline it answers nothing (E12).

const orphanCheckMs = 500;
/** Node waits for connections to close; a client that holds on does not hold up the end. */
const stopTimeoutMs = 3_000;

async function main(): Promise<void> {
  process.umask(0o077); // The socket is its user's alone from the moment it is there.
  const config = await openServer(env);
  const log = createLog(config.logLevel);
  const running = await start(config, log);
  await writeProcessFile(config.paths.rolesPid);
  log.say('info', `The roles of ${config.server.name} serve users at ${running.usersUrl}.`);
  const why = await untilOver(running);
  log.say('info', `The roles of ${config.server.name} end: ${why}.`);
  await Promise.race([running[Symbol.asyncDispose](), sleep(stopTimeoutMs, undefined, noRef)]);
  process.exit(0);
}
const noRef = { ref: false };

async function start(
  config: OpenServer,
  log: ReturnType<typeof createLog>,
): Promise<RunningRegistrar> {
  const { server, topology, realm, secret, paths } = config;
  const tls = await readTls(config);
  const { users } = server.ports;
  const { limits } = topology;
  return await startRegistrar({
    socketPath: paths.rolesSocket,
    users: {
      host: server.address,
      port: users,
      ...(users !== 0 && { url: apiUrl(server.address, users) }),
    },
    sip: {
      host: server.address,
      port: server.ports.sip,
      algorithms: topology.phoneDigests,
      algorithmsOverTls: topology.phoneDigestsOverTls ?? topology.phoneDigests,
      ...(tls !== undefined && { tls }),
    },
    domains: topology.domains,
    lives: {
      lifeMinMs: limits.registrationMinMs,
      lifeMs: limits.registrationMs,
      lifeMaxMs: limits.registrationMaxMs,
    },
    keptMessageMs: limits.keptMessageMs,
    clock: systemClock,
    chance: systemChance,
    realm,
    secret,
    log,
    nowMs: () => Date.now(),
    // CLOCK_BOOTTIME by way of /proc/uptime: it counts suspend, process.hrtime does not (V3).
    bootMs: () => uptime() * 1000,
    roleOrphanMs: limits.roleOrphanMs,
    importPieceRows: limits.importPieceRows,
    bindingsMax: limits.bindingsMax,
  });
}

async function untilOver({ registrar }: RunningRegistrar): Promise<string> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  // Ends with a signal, or when no agent speaks any more.
  while (!stop.signal.aborted) {
    if (registrar.isOrphan()) return 'no agent has spoken to them for too long';
    await sleep(orphanCheckMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return 'they were asked to';
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
