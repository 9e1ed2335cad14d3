import assert from 'node:assert/strict';
import test from 'node:test';
import { asServer } from '../ids.ts';
import { anInventory, aReport, aServer, aTopology, names } from '../testing/index.ts';
import type { Topology } from '../topology/topology.ts';
import { demandOff, offBy, planFencings } from './demand-off.ts';

const fencing = { command: ['/usr/local/sbin/fence'], timeoutMs: 5_000 };
const east2 = asServer('east-2');

/** East has two servers and can be fenced; west cannot. */
function withFencing(): Topology {
  const plain = aTopology();
  return aTopology({
    sites: plain.sites.map((site) => (site.name === names.east ? { ...site, fencing } : site)),
    servers: [...plain.servers, aServer({ name: east2, address: '192.0.2.2' })],
  });
}

const source = { dataset: names.usersEast, store: names.eastStore, server: names.eastServer };
const word = { isPartnerOff: true };
const wordless = { isPartnerOff: false };

function eastIsSilent(topology = withFencing()) {
  const silent = [{ server: names.eastServer, why: 'no answer' }];
  return anInventory({ topology, silent, reports: [aReport()] });
}

test('D1: a word is enough, and then nobody is fenced', () => {
  const servers = [names.eastServer];
  assert.deepEqual(demandOff(withFencing(), { servers, ...word }), { by: 'word' });
  assert.deepEqual(planFencings(eastIsSilent(), [source], word), []);
});

test('D2: without a word every site has to be fenced; one that cannot be needs the word', () => {
  const east = { name: names.eastServer, address: '127.0.0.1' };
  const topology = withFencing();
  assert.deepEqual(demandOff(topology, { servers: [names.eastServer], ...wordless }), {
    by: 'fencing',
    fencings: [{ ...fencing, site: names.east, servers: [east] }],
  });
  const both = demandOff(topology, { servers: [names.eastServer, names.westServer], ...wordless });
  assert.deepEqual(both, {
    by: 'nothing',
    why:
      'a silent west-1 cannot be told from a cut cable; make sure that it is off and say so ' +
      'with --partner-is-off',
  });
});

test('D3: without fencing a silent server is never off by itself', () => {
  const certainty = demandOff(aTopology(), { servers: [names.eastServer], ...wordless });
  assert.equal(certainty.by, 'nothing');
});

test('a plan fences the sources that nobody can tell of, and what is silent beside them', () => {
  const inventory = eastIsSilent();
  const [alone] = planFencings(inventory, [source], wordless);
  assert.deepEqual(
    alone?.servers.map(({ name }) => name),
    [names.eastServer],
  );
  const silent = [...inventory.silent, { server: east2, why: 'no answer' }];
  const [all] = planFencings({ ...inventory, silent }, [source], wordless);
  assert.deepEqual(all?.servers, [
    { name: names.eastServer, address: '127.0.0.1' },
    { name: east2, address: '192.0.2.2' },
  ]);
});

test('a source that answers, or that says itself that it cannot write, is not fenced', () => {
  assert.deepEqual(planFencings(anInventory({ topology: withFencing() }), [source], wordless), []);
  const gone = aReport({
    server: names.eastServer,
    stores: [{ store: names.eastStore, isUp: true, datasets: [] }],
    copies: [],
  });
  const inventory = anInventory({ topology: withFencing(), reports: [gone, aReport()] });
  assert.deepEqual(planFencings(inventory, [source], wordless), []);
  assert.equal(offBy(inventory, source, wordless), undefined);
  assert.equal(offBy(inventory, source, word), 'word');
});

test('a store that is down beside an agent that answers is fenced like a silent server', () => {
  const stores = [{ store: names.eastStore, isUp: false }];
  const down = aReport({ server: names.eastServer, stores, copies: [] });
  const inventory = anInventory({ topology: withFencing(), reports: [down, aReport()] });
  assert.equal(planFencings(inventory, [source], wordless).length, 1);
  assert.equal(offBy(inventory, source, wordless), 'fencing');
});
