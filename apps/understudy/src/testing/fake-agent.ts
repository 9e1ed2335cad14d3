// A program in the agent's place: answers as an agent does whose copies are all well, and dies
// when it is told to, so that what `up` does about it can be seen.
import { createServer } from 'node:http';
import { agentVariables, deploymentPaths, openTopology } from '@understudy/api';
import { inheritedEnvironment } from '../env.ts';

const environment = inheritedEnvironment();
const dataDir = environment[agentVariables.data] ?? '';
const server = environment[agentVariables.server] ?? '';
const { topology, topologyHash } = await openTopology(dataDir);
const own = topology.servers.find(({ name }) => name === server);
const token = deploymentPaths(dataDir).operatorToken;
let isBorn = false;

const copies = () =>
  topology.datasets.flatMap((dataset) =>
    dataset.copies
      .filter(({ store }) => topology.stores.find(({ name }) => name === store)?.server === server)
      .map(({ store, preference }) => aCopy(dataset.name, { store, isActive: preference === 1 })),
  );

createServer((request, response) => {
  const path = request.url?.split('?')[0];
  if (path === '/v1/die') process.exit(7);
  if (path === '/v1/init') isBorn = true;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(path === '/v1/init' ? { why: 'born' } : status()));
}).listen(own?.ports.api, own?.address, () => console.log(`${server} listens; token in ${token}`));

function status() {
  const report = {
    server,
    site: own?.site,
    version: '0',
    topologyHash,
    atMs: 0,
    stores: [],
    copies: isBorn ? copies() : [],
    decisions: [],
    roles: [],
    runs: [],
    setAside: [],
    verdict: 'all is well',
  };
  return {
    name: topology.name,
    server,
    version: '0',
    operator: 'fake',
    topologyHash,
    topology,
    observer: server,
    agents: [report],
    silent: [],
    decisions: [],
    quotes: [],
    runs: [],
    sentence: 'all is well',
  };
}

function aCopy(dataset: string, copy: { readonly store: string; readonly isActive: boolean }) {
  return {
    dataset,
    store: copy.store,
    id: 'id',
    isWhole: true,
    generationSeen: 1,
    mountedGeneration: 1,
    migration: 1,
    tablesHash: '',
    writtenLsn: '0/0',
    slots: [],
    lag: {},
    why: 'fake',
    gate: { isOpen: copy.isActive, generation: 1, validUntilMs: 0 },
    state: copy.isActive ? 'mounted' : 'healthy',
  };
}
