import {
  type PeerMethod,
  peerArguments,
  peerBodyBytesMax,
  peerMethods,
  peerProtocolVersion,
  peerVersionHeader,
} from '@understudy/api';
import { type AgentClient, type Log, OrderRefusedError } from '@understudy/ports';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { wordsOf } from '../observe/look-at-store.ts';

/** What partners may ask of this agent. Whoever gets here has proven the deployment's key. */
export function createPeerApp(client: AgentClient, log: Log): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: peerBodyBytesMax }));
  app.post('/peer/:method', async (context) => {
    const method = context.req.param('method') as PeerMethod;
    if (!peerMethods.includes(method)) {
      return context.json({ failure: `there is no method ${method}` }, 404);
    }
    const version = context.req.header(peerVersionHeader);
    if (version !== peerProtocolVersion) {
      const why = `speaks protocol ${peerProtocolVersion}, not ${version}: update the older server`;
      return context.json({ failure: why }, 400);
    }
    const args = peerArguments[method].safeParse(await context.req.json().catch(() => undefined));
    if (!args.success) return context.json({ failure: `${method}: ${args.error.message}` }, 400);
    return await answer({ client, log, method, args: args.data }, (status, body) =>
      context.json(body, status),
    );
  });
  return app;
}

type Asked = {
  readonly client: AgentClient;
  readonly log: Log;
  readonly method: PeerMethod;
  readonly args: readonly unknown[];
};

async function answer(
  { client, log, method, args }: Asked,
  reply: (status: 200 | 409 | 500, body: object) => Response,
): Promise<Response> {
  try {
    // The schema judged the arguments' shape; null stands for an absent expectation.
    const given = args.map((each) => each ?? undefined);
    const act = client[method] as (...given: readonly unknown[]) => Promise<unknown>;
    const result = await act(...given);
    return reply(200, { result: result ?? null });
  } catch (error) {
    if (error instanceof OrderRefusedError) return reply(409, { refusal: error.refusal });
    log.say('warn', `a partner's ${method} failed: ${wordsOf(error)}`);
    return reply(500, { failure: wordsOf(error) });
  }
}
