import { apiUrl, createOperatorClient, NoAnswerError, type OperatorClient } from '@understudy/api';
import type { Server } from '@understudy/core';
import { bounds } from './bounds.ts';
import { pause } from './pause.ts';
import type { UpIo } from './up-io.ts';

/**
 * Asks every agent of the deployment for the birth of its datasets, those of other machines too:
 * `--init` is said once, and the order in which servers come up does not matter. An agent first
 * wants to hear all its partners, so it is asked again until each has done it, or `up` ends.
 */
export async function askForBirth(
  { servers, token }: { readonly servers: readonly Server[]; readonly token: string },
  io: UpIo,
): Promise<void> {
  const unborn = new Map(
    servers.map(({ name, address, ports }) => {
      const url = apiUrl(address, ports.api);
      return [name as string, createOperatorClient({ url, token, signal: io.signal })];
    }),
  );
  const said = new Set<string>();
  for (let askedMs = 0; unborn.size > 0 && !io.signal.aborted; askedMs += bounds.birthAskMs) {
    for (const [name, client] of unborn) {
      const { isDone, why } = await askOne(client);
      if (isDone) unborn.delete(name);
      // Partners that start at the same time are not missing yet.
      if (!isDone && askedMs < bounds.birthQuietMs) continue;
      if (why !== '' && !said.has(why) && !io.signal.aborted) io.say(why);
      said.add(why);
    }
    if (unborn.size > 0) await pause(bounds.birthAskMs, io.signal);
  }
}

async function askOne(client: OperatorClient): Promise<{ isDone: boolean; why: string }> {
  try {
    const { why } = await client.init();
    return { isDone: true, why };
  } catch (error) {
    return { isDone: false, why: error instanceof NoAnswerError ? '' : (error as Error).message };
  }
}
