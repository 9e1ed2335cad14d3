import { asServer, namesLike } from '@understudy/core';
import {
  ElsewhereError,
  type Handler,
  type OperatorApi,
  WrongRequestError,
} from './operator-context.ts';

type Handlers = { readonly [Name in 'startServices' | 'stopServices']: Handler<Name> };

/** What is asked of a server's services is done by its own agent. */
export function serverHandlers(api: OperatorApi): Handlers {
  const { rolesByWord } = api.agent;
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
  };
}

function checkHere({ agent, topology }: OperatorApi, server: string): void {
  if (server === agent.server) return;
  const all = topology.servers.map(({ name }) => name);
  if (all.some((name) => name === server)) throw new ElsewhereError(asServer(server));
  const todo = `name one of ${namesLike(server, all)}`;
  throw new WrongRequestError('notFound', `there is no server ${server}`, todo);
}
