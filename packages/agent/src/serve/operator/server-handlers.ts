import { asServer, namesLike, type ServerName } from '@understudy/core';
import {
  ElsewhereError,
  type Handler,
  type OperatorApi,
  WrongRequestError,
} from './operator-context.ts';

type Names =
  | 'startServices'
  | 'stopServices'
  | 'drainServer'
  | 'undrainServer'
  | 'blockServer'
  | 'unblockServer';
type Handlers = { readonly [Name in Names]: Handler<Name> };

/** What is asked of a server is done by its own agent; drained is also one that is silent. */
export function serverHandlers(api: OperatorApi): Handlers {
  const { rolesByWord, serverByWord } = api.agent;
  return {
    async startServices({ params }) {
      checkHere(api, params['server'] ?? '');
      return { why: await rolesByWord.start() };
    },
    async stopServices({ params, body, operator }) {
      checkHere(api, params['server'] ?? '');
      const because = body.why === undefined ? '' : `: ${body.why}`;
      const why = `${operator} stopped it${because}`;
      return { why: await rolesByWord.stop({ why, isServingFine: body.isServingFine }) };
    },
    async drainServer({ params, body, operator }) {
      const server = await hereOrSilent(api, params['server'] ?? '');
      return { why: await serverByWord.drain({ server, why: body.why ?? `${operator} asked` }) };
    },
    async undrainServer({ params }) {
      const server = await hereOrSilent(api, params['server'] ?? '');
      return { why: await serverByWord.undrain({ server }) };
    },
    async blockServer({ params, body, operator }) {
      const server = await hereOrSilent(api, params['server'] ?? '');
      return { why: await serverByWord.block({ server, why: body.why ?? `${operator} asked` }) };
    },
    async unblockServer({ params }) {
      const server = await hereOrSilent(api, params['server'] ?? '');
      return { why: await serverByWord.unblock({ server }) };
    },
  };
}

/** The agent of the server itself decides while it answers: two never decide at once. */
async function hereOrSilent(api: OperatorApi, name: string): Promise<ServerName> {
  const isKnown = api.topology.servers.some((each) => each.name === name);
  const { silent } = isKnown ? await api.agent.inventory() : { silent: [] };
  if (silent.every(({ server }) => server !== name)) checkHere(api, name);
  return asServer(name);
}

function checkHere({ agent, topology }: OperatorApi, server: string): void {
  if (server === agent.server) return;
  const all = topology.servers.map(({ name }) => name);
  if (all.some((name) => name === server)) throw new ElsewhereError(asServer(server));
  const todo = `name one of ${namesLike(server, all)}`;
  throw new WrongRequestError('notFound', `there is no server ${server}`, todo);
}
