import {
  apiUrl,
  createOperatorClient,
  type DeploymentStatus,
  NoAnswerError,
  type OperatorClient,
} from '@understudy/api';
import { hostPort, type Server } from '@understudy/core';
import { bounds } from './bounds.ts';
import { pause } from './pause.ts';
import type { UpIo } from './up-io.ts';

export type Readiness = {
  readonly servers: readonly Server[];
  readonly token: string;
};

/** States in which a copy does what it is there for. */
const readyStates = ['mounted', 'healthy', 'catchingUp', 'suspended'] as const;

/**
 * Waits until every copy on these servers is mounted or follows, and says each as it comes true.
 * Resolves with what is still missing at the bound; empty when all is well.
 */
export async function waitUntilReady(readiness: Readiness, io: UpIo): Promise<readonly string[]> {
  const { servers, token } = readiness;
  const clients = servers.map(({ name, address, ports }) => ({
    name,
    phones: hostPort(address, ports.sip),
    client: createOperatorClient({ url: apiUrl(address, ports.api), token, signal: io.signal }),
  }));
  const said = new Set<string>();
  const sayOnce = (line: string): void => {
    if (!said.has(line)) io.say(line);
    said.add(line);
  };
  let missing: readonly string[] = ['any answer of an agent'];
  for (let waitedMs = 0; waitedMs < bounds.readyMs; waitedMs += bounds.lookMs) {
    if (io.signal.aborted) return [];
    const looks = await Promise.all(clients.map((each) => lookAt(each, sayOnce)));
    missing = looks.flat();
    if (missing.length === 0) return [];
    await pause(bounds.lookMs, io.signal);
  }
  return missing;
}

type Looked = {
  readonly name: string;
  readonly phones: string;
  readonly client: OperatorClient;
};

async function lookAt(
  { name, phones, client }: Looked,
  sayOnce: (line: string) => void,
): Promise<readonly string[]> {
  try {
    const status = await client.status();
    sayOnce(`${name}: its agent answers`);
    return missingHere(status, { server: name, phones }, sayOnce);
  } catch (error) {
    if (error instanceof NoAnswerError) return [`an answer of the agent of ${name}`];
    return [`${name}: ${(error as Error).message}`];
  }
}

function missingHere(
  status: DeploymentStatus,
  { server, phones }: { readonly server: string; readonly phones: string },
  sayOnce: (line: string) => void,
): readonly string[] {
  const stores = status.topology.stores.filter((store) => store.server === server);
  const report = status.agents.find((each) => each.server === server);
  const copies = status.topology.datasets.flatMap(({ name: dataset, copies: all }) =>
    all
      .filter(({ store }) => stores.some(({ name }) => name === store))
      .map(({ store }) => ({ dataset, store })),
  );
  for (const { store, isUp, error } of report?.stores ?? []) {
    if (!isUp) sayOnce(`${server}: ${error ?? `store ${store} does not answer`}`);
  }
  const missing: string[] = [];
  for (const { dataset, store } of copies) {
    const copy = report?.copies.find((each) => each.dataset === dataset && each.store === store);
    const isReady =
      readyStates.some((state) => state === copy?.state) || isKeptShut(status, dataset);
    if (isReady) sayOnce(`${server}: ${dataset} is ${copy?.state} on ${store}`);
    else missing.push(`${dataset} on ${store} (${copy?.state ?? 'absent'}: ${copy?.why ?? '-'})`);
  }
  for (const { usersUrl } of report?.roles ?? []) {
    if (usersUrl === undefined) continue;
    sayOnce(`${server}: users are served at ${usersUrl}, phones at sip:${phones}`);
  }
  return missing;
}

/** An operator keeps it dismounted: that is how it is meant to be. */
function isKeptShut({ decisions }: DeploymentStatus, dataset: string): boolean {
  return decisions.some(
    (each) => each.kind === 'active' && each.dataset === dataset && each.dismounted !== undefined,
  );
}
