import {
  namesLike,
  counted,
  activeRecordOf,
  asDataset,
  asServer,
  type StoreName,
} from '@understudy/core';
import {
  ElsewhereError,
  type Handler,
  type OperatorApi,
  WrongRequestError,
} from './operator-context.ts';

type Names =
  | 'mountDataset'
  | 'dismountDataset'
  | 'seedDataset'
  | 'verifyDataset'
  | 'suspendDataset'
  | 'resumeDataset'
  | 'blockDataset'
  | 'unblockDataset'
  | 'readLedger'
  | 'resolveLedger';
type Handlers = { readonly [Name in Names]: Handler<Name> };
type Params = Readonly<Record<string, string>>;

/** What is asked of one dataset is done by the agent of the store that has the copy. */
export function datasetHandlers(api: OperatorApi): Handlers {
  const { byWord } = api.agent;
  return {
    async mountDataset({ params, body }) {
      const { dataset } = await activePlace(api, params);
      return { why: await byWord.mount({ dataset, isPartnerOff: body.isPartnerOff }) };
    },
    async dismountDataset({ params, body, operator }) {
      const { dataset } = await activePlace(api, params);
      return { why: await byWord.dismount({ dataset, why: body.why ?? `${operator} asked` }) };
    },
    async seedDataset({ params, body }) {
      return { why: await byWord.seed(await passivePlace(api, params, body.store)) };
    },
    async suspendDataset({ params, body, operator }) {
      const place = await passivePlace(api, params, body.store);
      return { why: await byWord.suspend({ ...place, why: body.why ?? `${operator} asked` }) };
    },
    async resumeDataset({ params, body }) {
      return { why: await byWord.resume(await passivePlace(api, params, body.store)) };
    },
    async blockDataset({ params, body, operator }) {
      const place = await placeOfWord(api, params, body.store);
      return { why: await byWord.block({ ...place, why: body.why ?? `${operator} asked` }) };
    },
    async unblockDataset({ params, body }) {
      return { why: await byWord.unblock(await placeOfWord(api, params, body.store)) };
    },
    async readLedger({ params, query }) {
      const { dataset } = await ledgerPlace(api, params);
      const { open, ...rest } = query ?? {};
      const asked = { ...rest, ...(open === true && { isOpenOnly: true }) };
      return await byWord.readLedger({ dataset, query: asked });
    },
    async resolveLedger({ params, body, operator }) {
      const { dataset } = await activePlace(api, params);
      return { why: await byWord.resolveLedger({ dataset, ...body, by: operator }) };
    },
    async verifyDataset({ params, body }) {
      const place = await passivePlace(api, params, body.store);
      const result = await byWord.verify(place);
      const count = result.differences.length;
      const words =
        count === 0
          ? 'both sides are the same'
          : count === 1
            ? '1 row differs'
            : `${count} rows differ`;
      const compared = `${counted(result.rows, 'row')} compared`;
      const why = `${place.dataset} on ${place.store}: ${compared}, ${words}`;
      return { why, results: [{ store: place.store, result }] };
    },
  };
}

type Place = { readonly dataset: string; readonly store: StoreName };

/** The store that is active by the newest decision; 307 when it is another server's. */
async function activePlace(api: OperatorApi, params: Params): Promise<Place> {
  const dataset = datasetOf(api, params);
  const { decisions } = await api.agent.inventory();
  const record = activeRecordOf(decisions, asDataset(dataset));
  if (record === undefined) {
    const todo = '`understudy up --init` creates the datasets of a new deployment';
    throw new WrongRequestError('notFound', `nobody who answers knows ${dataset}`, todo);
  }
  return here(api, { dataset, store: record.active });
}

/** Here, where there is any copy of it; else where the active one is. */
async function ledgerPlace(api: OperatorApi, params: Params): Promise<{ dataset: string }> {
  const dataset = datasetOf(api, params);
  const { datasets, stores } = api.topology;
  const copies = datasets.find(({ name }) => name === dataset)?.copies ?? [];
  const isHere = stores.some(
    ({ name, server }) => server === api.agent.server && copies.some(({ store }) => store === name),
  );
  return isHere ? { dataset } : await activePlace(api, params);
}

/** The named store, or the only one that is not active; 307 when it is another server's. */
async function passivePlace(api: OperatorApi, params: Params, store?: StoreName): Promise<Place> {
  const dataset = datasetOf(api, params);
  const copies = api.topology.datasets.find(({ name }) => name === dataset)?.copies ?? [];
  const { decisions } = await api.agent.inventory();
  const active = activeRecordOf(decisions, asDataset(dataset))?.active;
  const passive = copies.map((each) => each.store).filter((each) => each !== active);
  const [only] = passive;
  if (store !== undefined) {
    if (copies.some((each) => each.store === store)) return here(api, { dataset, store });
    const todo = `name one of ${passive.join(', ')}`;
    throw new WrongRequestError('badRequest', `${store} has no copy of ${dataset}`, todo);
  }
  if (only !== undefined && passive.length === 1) return here(api, { dataset, store: only });
  const todo = `name one of ${passive.join(', ')}`;
  throw new WrongRequestError('badRequest', `${dataset} has several passive copies`, todo);
}

/**
 * The named store's copy, active or not. While its agent answers and its store is up, that agent
 * decides, so that two never decide at once; a block for a copy that is down is anybody's whose own
 * store is up.
 */
async function placeOfWord(api: OperatorApi, params: Params, store: StoreName): Promise<Place> {
  const { agent, topology } = api;
  const dataset = datasetOf(api, params);
  const copies = topology.datasets.find(({ name }) => name === dataset)?.copies ?? [];
  if (copies.every((each) => each.store !== store)) {
    const todo = `name one of ${copies.map((each) => each.store).join(', ')}`;
    throw new WrongRequestError('badRequest', `${store} has no copy of ${dataset}`, todo);
  }
  const { reports } = await agent.inventory();
  const place = { dataset, store };
  const isUp = reports.some(({ stores }) =>
    stores.some((each) => each.store === store && each.isUp),
  );
  if (isUp) return here(api, place);
  if (isOwn(api, store)) {
    const other = reports.find(
      ({ server, stores: [first] }) => server !== agent.server && first?.isUp,
    );
    if (other !== undefined) throw new ElsewhereError(other.server);
  }
  return place;
}

function isOwn({ agent, topology }: OperatorApi, store: StoreName): boolean {
  return topology.stores.some(({ name, server }) => name === store && server === agent.server);
}

function datasetOf({ topology }: OperatorApi, params: Params): string {
  const dataset = params['dataset'] ?? '';
  if (topology.datasets.some(({ name }) => name === dataset)) return dataset;
  const names = namesLike(
    dataset,
    topology.datasets.map(({ name }) => name),
  );
  throw new WrongRequestError('notFound', `there is no dataset ${dataset}`, `name one of ${names}`);
}

function here({ agent, topology }: OperatorApi, place: Place): Place {
  const server = topology.stores.find(({ name }) => name === place.store)?.server;
  if (server === undefined || server === agent.server) return place;
  throw new ElsewhereError(asServer(server));
}
