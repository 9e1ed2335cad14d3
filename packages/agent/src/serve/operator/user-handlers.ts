import { rolePaths } from '@understudy/api';
import { activeRecordOf, namesLike, placeOf } from '@understudy/core';
import type { Readable } from 'node:stream';
import {
  type Asked,
  ElsewhereError,
  type Handler,
  type OperatorApi,
  Passed,
  WrongRequestError,
} from './operator-context.ts';

type Names = 'listUsers' | 'addUser' | 'showUser' | 'removeUser' | 'importUsers';
type Handlers = { readonly [Name in Names]: Handler<Name> };

/** Largest answer of a role that is passed on: a page of users. */
const answerBytesMax = 4 * 1024 * 1024;

/** Administration of users goes to the role that has their dataset mounted (decisions/0017). */
export function userHandlers(api: OperatorApi): Handlers {
  const pass = (method: string) => async (asked: Asked<Names>) => {
    await checkServedHere(api, asked.params['pool'] ?? '');
    const path = asked.pathAndQuery.replace(/^\/v1\/pools/, rolePaths.adminPools);
    const sent = asked.body === undefined ? {} : json(asked.body);
    return await forward(api, { method, path, ...sent });
  };
  return {
    listUsers: pass('GET'),
    showUser: pass('GET'),
    addUser: pass('POST'),
    removeUser: pass('DELETE'),
    async importUsers(asked) {
      await checkServedHere(api, asked.params['pool'] ?? '');
      const path = asked.pathAndQuery.replace(/^\/v1\/pools/, rolePaths.adminPools);
      const headers = { 'content-type': 'text/csv; charset=utf-8' };
      const [body, onProgress] = [asked.stream(), asked.sayProgress];
      return await forward(api, { method: 'POST', path, headers, body, onProgress });
    },
  };
}

function json(body: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function forward(
  api: OperatorApi,
  request: Parameters<OperatorApi['roles']['forward']>[0],
): Promise<Passed> {
  const { status, body } = await api.roles.forward(request);
  return new Passed(status, await readText(body));
}

async function readText(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > answerBytesMax) throw new Error("the role's answer is too long to pass on");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The agent of the server where the pool's dataset is active; its role writes (decisions/0017). */
async function checkServedHere(api: OperatorApi, pool: string): Promise<void> {
  const { agent, topology } = api;
  const dataset = topology.datasets.find((each) => each.pool === pool);
  if (dataset === undefined) {
    const names = namesLike(
      pool,
      topology.pools.map(({ name }) => name),
    );
    throw new WrongRequestError('notFound', `there is no pool ${pool}`, `name one of ${names}`);
  }
  const { decisions } = await agent.inventory();
  const record = activeRecordOf(decisions, dataset.name);
  if (record === undefined) {
    const todo = '`understudy up --init` creates the datasets of a new deployment';
    throw new WrongRequestError('notFound', `nobody who answers knows ${dataset.name}`, todo);
  }
  const { server } = placeOf(topology, record.active);
  if (server !== agent.server) throw new ElsewhereError(server);
}
