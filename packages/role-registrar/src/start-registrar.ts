import { chmod, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type DigestAlgorithm, digestAlgorithms } from '@understudy/api';
import { createControlApp } from './control/control-app.ts';
import type { ControlApp } from './control/control-env.ts';
import type { Chance, Clock } from '@understudy/ports';
import {
  createDigestCheck,
  type DigestCheck,
  digestAlgorithmsForPhones,
  type Transport,
} from '@understudy/sip';
import { openSipDoor, type SipDoor, type SipTls } from './sip/open-sip-door.ts';
import type { LifeBounds } from './sip/read-registration.ts';
import { isSameSipTarget } from './sip/same-sip-target.ts';
import { createSlowDown } from './sign-in/slow-down.ts';
import { createRegistrar, type Registrar, type RegistrarOptions } from './registrar.ts';
import { createUsersApp } from './users-http/users-app.ts';
import { createUsersServer, withoutFlood } from './users-http/users-server.ts';
import { isSameTarget } from './users-http/same-target.ts';
import type { UsersApp } from './users-http/users-env.ts';

export type StartRegistrarOptions = Omit<RegistrarOptions, 'usersUrl'> & {
  readonly socketPath: string;
  readonly users: { readonly host: string; readonly port: number; readonly url?: string };
  /** The deployment's secret, from which the key of nonces grows. Never logged. */
  readonly secret: string;
  readonly nowMs: () => number;
  /** Phones' door, over UDP and TCP on one port; 0 asks the system. */
  readonly sip: {
    readonly host: string;
    readonly port: number;
    /** Certificate and key in PEM: then TLS is spoken too. */
    readonly tls?: SipTls;
    /** In the order of the challenges (RFC 8760). */
    readonly algorithms?: readonly DigestAlgorithm[];
    /** For phones that speak TLS; left out, the same. */
    readonly algorithmsOverTls?: readonly DigestAlgorithm[];
  };
  /** Domains of the users; the realm is the first. */
  readonly domains: readonly string[];
  readonly lives: LifeBounds;
  /** How long a message waits for its user to sign in. */
  readonly keptMessageMs: number;
  readonly clock: Clock;
  readonly chance: Chance;
  /** The order of preference in challenges (RFC 7616, 3.7). */
  readonly algorithms?: readonly DigestAlgorithm[];
};

export type RunningRegistrar = AsyncDisposable & {
  readonly registrar: Registrar;
  readonly usersUrl: string;
  readonly sip: SipDoor['listening'];
};

// An import takes as long as it takes, which its socket's user answers for.
const controlServer: ServerOptions = { headersTimeout: 10_000, requestTimeout: 600_000 };

/**
 * Opens all doors: the agent's unix socket, the users' HTTP and their SIP. Nothing is served before
 * an assignment comes. Throws when a port or the socket is in use.
 */
export async function startRegistrar(options: StartRegistrarOptions): Promise<RunningRegistrar> {
  const { socketPath, users, sip } = options;
  const slowDown = createSlowDown(() => performance.now());
  // The users' address is known once the port is open; until then nobody is answered.
  const doors = createUsersServer();
  const port = await listen(doors, { host: users.host, port: users.port });
  const usersUrl = users.url ?? `http://${users.host}:${port}`;
  const registrar = createRegistrar({ ...options, usersUrl });
  const forUsers = { digest: httpDigest(options), slowDown, domains: options.domains };
  doors.on('request', withoutFlood(answerBy(createUsersApp(registrar, forUsers))));
  const control = createServer(controlServer, answerBy(createControlApp(registrar)));
  let phones: SipDoor | undefined;
  try {
    const signIn = { digest: sipDigest(options), slowDown };
    const tools = {
      ...options,
      registrar,
      signIn,
      digestsFor: (transport: Transport) => digestsFor(options, transport),
    };
    phones = await openSipDoor({ ...options, ...sip, tools });
    await clearSocket(socketPath);
    await listen(control, { path: socketPath });
    await chmod(socketPath, 0o600);
  } catch (error) {
    await Promise.all([close(doors), phones?.[Symbol.asyncDispose]()]);
    throw error;
  }
  const { listening, ...door } = phones;
  return {
    registrar,
    usersUrl,
    sip: listening,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([close(doors), close(control), door[Symbol.asyncDispose]()]);
      await registrar.close();
      await rm(socketPath, { force: true });
    },
  };
}

function httpDigest(options: StartRegistrarOptions): DigestCheck {
  const { secret, realm, nowMs, algorithms = digestAlgorithms } = options;
  return createDigestCheck({ secret, realm, nowMs, algorithms, isSameTarget });
}

function digestsFor({ sip }: StartRegistrarOptions, transport: Transport) {
  const { algorithms = digestAlgorithmsForPhones, algorithmsOverTls = algorithms } = sip;
  return transport === 'tls' ? algorithmsOverTls : algorithms;
}

function sipDigest(options: StartRegistrarOptions): DigestCheck {
  const { secret, realm, nowMs } = options;
  const algorithms = [...new Set([...digestsFor(options, 'udp'), ...digestsFor(options, 'tls')])];
  return createDigestCheck({ secret, realm, nowMs, algorithms, isSameTarget: isSameSipTarget });
}

/** The listener answers its own failures, so nothing is left to wait for. */
function answerBy(app: UsersApp | ControlApp): RequestListener {
  const answer = getRequestListener(app.fetch);
  return (incoming, outgoing) => void answer(incoming, outgoing);
}

type Address = { readonly host: string; readonly port: number } | { readonly path: string };

function listen(server: Server, address: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A socket file outlives its process (unix(7)): one that nobody listens on is removed. */
async function clearSocket(path: string): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (isTaken) {
    throw new Error(`${path} is in use: the roles of this server run already; end them first`);
  }
  await rm(path, { force: true });
}
