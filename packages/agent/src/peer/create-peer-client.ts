import { Agent as HttpsAgent, request, type RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import {
  type PeerAnswer,
  type PeerMethod,
  peerAnswerSchema,
  peerBodyBytesMax,
  peerProtocolVersion,
  peerVersionHeader,
} from '@understudy/api';
import type { ServerName } from '@understudy/core';
import {
  type AgentClient,
  AgentUnreachableError,
  OrderFailedError,
  OrderRefusedError,
} from '@understudy/ports';
import { clientIdleMs } from './idle-connections.ts';
import { pskIdentity, pskTlsOptions } from './pre-shared-key.ts';

/** Connections kept to one partner: its orders of several datasets go side by side. */
const connectionsMax = 16;

export type PeerClientOptions = {
  readonly server: ServerName;
  readonly host: string;
  readonly port: number;
  /** From derivePeerKey. Secret. */
  readonly key: Buffer;
  /** Longest wait for a question's answer. */
  readonly questionTimeoutMs: number;
  /** Longest wait for an order to be carried out. */
  readonly orderTimeoutMs: number;
  /** How long a connection is kept that nobody uses. */
  readonly idleMs?: number;
};

/** Client of a partner's agent, which owns its connections until it is disposed of. */
export type PeerClient = AgentClient & Disposable;

/** Talks to the agent of another server over HTTPS with TLS-PSK. */
export function createPeerClient(options: PeerClientOptions): PeerClient {
  const connections = new HttpsAgent({
    keepAlive: true,
    maxSockets: connectionsMax,
    timeout: options.idleMs ?? clientIdleMs, // Ends what is idle, never what is being asked.
  });
  const { server } = options;
  async function ask<Result>(method: PeerMethod, args: readonly unknown[]): Promise<Result> {
    const answer = await post({ options, connections, method, args });
    if ('refusal' in answer) throw new OrderRefusedError(server, answer.refusal);
    if ('failure' in answer) throw new OrderFailedError(`${server}: ${answer.failure}`);
    return answer.result as Result;
  }
  return {
    server,
    report: () => ask('report', []),
    obey: (order) => ask('obey', [order]),
    decide: (next, expected, by) => ask('decide', [next, expected ?? null, by ?? null]),
    learn: async (decisions) => {
      await ask('learn', [decisions]);
    },
    takeRun: (row, expected) => ask('takeRun', [row, expected ?? null]),
    saveRun: (row) => ask('saveRun', [row]),
    readRuns: () => ask('readRuns', []),
    appendJournal: (lines) => ask('appendJournal', [lines]),
    readJournal: (run) => ask('readJournal', [run]),
    handOn: (question) => ask('handOn', [question]),
    readQueued: (pool) => ask('readQueued', [pool]),
    clearQueued: async (pool, done) => {
      await ask('clearQueued', [pool, done]);
    },
    vote: (question) => ask('vote', [question]),
    [Symbol.dispose]: () => connections.destroy(),
  };
}

type Post = {
  readonly options: PeerClientOptions;
  readonly connections: HttpsAgent;
  readonly method: PeerMethod;
  readonly args: readonly unknown[];
};

async function post({ options, connections, method, args }: Post): Promise<PeerAnswer> {
  const timeoutMs = method === 'obey' ? options.orderTimeoutMs : options.questionTimeoutMs;
  const text = await exchange({
    options,
    connections,
    method,
    body: JSON.stringify(args),
    timeoutMs,
  });
  try {
    return peerAnswerSchema.parse(JSON.parse(text));
  } catch {
    // Another program on that port, or a version that speaks otherwise: nothing is known of it.
    throw new AgentUnreachableError(`${placeOf(options)} answered what no agent says`);
  }
}

type Exchange = Omit<Post, 'args'> & { readonly body: string; readonly timeoutMs: number };

function exchange({ options, connections, method, body, timeoutMs }: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new AgentUnreachableError(`${placeOf(options)} does not answer: ${error.message}`));
    const asked = request(
      requestOptions({ options, connections, method, body, timeoutMs }),
      (answer) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > peerBodyBytesMax) asked.destroy(new Error('the answer is too long'));
          else pieces.push(piece);
        });
        answer.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
        answer.on('error', fail);
      },
    );
    asked.on('error', fail);
    asked.end(body);
  });
}

/** What one exchange asks of Node: HTTPS whose TLS is proven by the shared key. */
function requestOptions({ options, connections, method, body, timeoutMs }: Exchange) {
  const tls: ConnectionOptions = {
    ...pskTlsOptions,
    pskCallback: () => ({ psk: options.key, identity: pskIdentity }),
    // The shared key proves who answers; there is no certificate to check (RFC 4279, 2).
    checkServerIdentity: () => undefined,
  };
  const http: RequestOptions = {
    agent: connections,
    host: options.host,
    port: options.port,
    method: 'POST',
    path: `/peer/${method}`,
    // The bound covers the whole exchange, a partner that trickles included.
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      [peerVersionHeader]: peerProtocolVersion,
    },
  };
  return { ...tls, ...http };
}

function placeOf({ server, host, port }: PeerClientOptions): string {
  return `agent of ${server} at ${host}:${port}`;
}
