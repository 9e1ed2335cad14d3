import assert from 'node:assert/strict';
import test from 'node:test';
import { asDataset, asPool, asServer, asSite, asStore } from '../ids.ts';
import { defaultLimits } from '../limits.ts';
import { aDataset, aPool, aServer, aStore, aTopology, names } from '../testing/index.ts';
import { checkTopology } from './check-topology.ts';
import { editDistance, nearestName } from './nearest-name.ts';
import type { Fencing } from '../fencing/fencing.ts';
import type { Topology } from './topology.ts';

/** Findings as `path: what; todo`. */
function found(difference: Partial<Topology>): readonly string[] {
  return checkTopology(aTopology(difference)).map(
    ({ path, what, todo }) => `${path.join('.')}: ${what}; ${todo}`,
  );
}
const west = aTopology();
const [eastPool, westPool] = [aPool(), west.pools[1] ?? aPool()];
const [usersEast, usersWest] = [aDataset(), west.datasets[1] ?? aDataset()];

test('the default deployment has no mistake', () => {
  assert.deepEqual(found({}), []);
});

test('pairings are mutual', () => {
  assert.deepEqual(found({ pools: [eastPool, { ...westPool, backupPool: asPool('west') }] }), [
    'pools.0.backupPool: the pairing is not mutual: `west` names `west`; ' +
      'write backupPool: east in pool `west`, or pair with another',
    'pools.1.backupPool: a pool cannot be its own backup; name another pool',
  ]);
});

test('the servers of a pool reach the store that any of them may have mounted', () => {
  const far = aServer({ name: asServer('east-2'), address: '192.0.2.2' });
  const spare = aStore({ name: asStore('east-spare'), server: far.name });
  const base = aTopology();
  const several = {
    servers: [...base.servers, far],
    pools: [aPool({ servers: [names.eastServer, far.name] }), westPool],
  };
  const [, westStore = assert.fail()] = base.stores;
  assert.deepEqual(found({ ...several, stores: [...base.stores, spare] }), [
    'stores.0.url: `east-2` serves pool `east` too and cannot reach `east-store`; ' +
      'name the store by a URL that the other servers of the pool reach',
  ]);
  const named = aStore({ kind: 'url', url: 'postgres://u:p@192.0.2.1/postgres?sslmode=require' });
  assert.deepEqual(found({ ...several, stores: [named, westStore, spare] }), []);
});

test('a backup pool has room for both', () => {
  assert.deepEqual(found({ pools: [eastPool, { ...westPool, userCapacity: 150_000 }] }), [
    'pools.0.backupPool: `west` has room for 150000 users, not for its own 100000 and the ' +
      '100000 of `east`; raise userCapacity of `west` to at least 200000',
  ]);
});

test('two copies of a dataset on one store, and a preference given twice', () => {
  const copies = [
    { store: names.eastStore, preference: 1 },
    { store: names.westStore, preference: 2 },
    { store: names.eastStore, preference: 2 },
  ];
  assert.deepEqual(found({ datasets: [aDataset({ copies }), usersWest] }), [
    'datasets.0.copies.2.store: two copies of `users-east` are on store `east-store`; ' +
      'put each copy on a store of its own',
    'datasets.0.copies.2.preference: preference 2 is given to two copies of `users-east`; ' +
      'give each copy its own; 1 is liked best',
  ]);
});

test('two copies of a dataset on two stores of one server', () => {
  const spare = aStore({ name: asStore('east-spare') });
  const copies = [...usersEast.copies, { store: spare.name, preference: 3 }];
  const stores = [...aTopology().stores, spare];
  assert.deepEqual(found({ stores, datasets: [aDataset({ copies }), usersWest] }), [
    'datasets.0.copies.2.store: two copies of `users-east` are on server `east-1`; ' +
      'put each copy on a store of another server',
  ]);
});

test('ports used twice at one address, whatever the address is called', () => {
  const ports = { api: 7000, peer: 7001, users: 7001, sip: 0, sips: 0 };
  const servers = [
    aServer({ ports }),
    aServer({ name: names.westServer, site: names.west, address: 'localhost' }),
  ];
  const stores = [
    aStore(),
    aStore({ name: names.westStore, server: names.westServer, port: 7000 }),
  ];
  assert.deepEqual(found({ servers, stores }), [
    'servers.0.ports.users: port 7001 of 127.0.0.1 is used twice: by `peer` of east-1 and by ' +
      '`users` of east-1; give one of them another port, or 0 to ask the system for a free one',
    'stores.1.port: port 7000 of 127.0.0.1 is used twice: by `api` of east-1 and by west-store; ' +
      'give one of them another port, or 0 to ask the system for a free one',
  ]);
});

test('unknown names, with the nearest known one', () => {
  const servers = [aServer({ site: asSite('eats') }), west.servers[1] ?? aServer()];
  assert.ok(
    found({ servers }).includes(
      'servers.0.site: there is no site named `eats`; did you mean `east`?',
    ),
  );
  const stores = [aStore({ server: asServer('nowhere') }), west.stores[1] ?? aStore()];
  assert.ok(
    found({ stores }).includes(
      'stores.0.server: there is no server named `nowhere`; known are: east-1, west-1',
    ),
  );
  assert.ok(
    found({ datasets: [aDataset({ pool: asPool('eas') }), usersWest] }).includes(
      'datasets.0.pool: there is no pool named `eas`; did you mean `east`?',
    ),
  );
});

test('names that cannot be, are too long, or are given twice', () => {
  const sites = [{ name: asSite('East_1') }, { name: asSite('a-very-long-name-indeed') }];
  const of = (part: string) => found({ sites }).filter((line) => line.startsWith(part));
  assert.match(of('sites.0.name')[0] ?? '', /cannot be a name; a name is a lower-case letter/);
  assert.match(of('sites.1.name')[0] ?? '', /has 23 characters; at most 15/);
  const twice = found({ sites: [...west.sites, { name: names.east }] });
  assert.deepEqual(twice, [
    'sites.2.name: the name `east` is given twice among sites; ' +
      'entry 1 has it already: give this one another name',
  ]);
});

test('names that PostgreSQL has already, or that look like copies set aside', () => {
  for (const name of ['control', 'postgres', 'template1']) {
    const [line] = found({ datasets: [aDataset({ name: asDataset(name) }), usersWest] });
    assert.match(line ?? '', new RegExp(`every store has a database \`${name}\` already`));
  }
  const [line] = found({ datasets: [aDataset({ name: asDataset('users-gen7') }), usersWest] });
  assert.match(line ?? '', /looks like a copy that was set aside/);
});

test('paired pools lie in one site each, and not in the same', () => {
  const servers = [...west.servers, aServer({ name: asServer('west-2'), site: names.west })];
  const stores = [
    ...west.stores,
    aStore({ name: asStore('west-2-store'), server: asServer('west-2') }),
  ];
  const stretched = { ...eastPool, servers: [names.eastServer, asServer('west-2')] };
  assert.deepEqual(found({ servers, stores, pools: [stretched, westPool] }), [
    'pools.0.servers: pool `east` is paired and has servers in east and west; ' +
      'a paired pool lies in one site: list servers of one',
  ]);
  const sameSite = [aServer(), aServer({ name: names.westServer })];
  assert.ok(
    found({ servers: sameSite, sites: [{ name: names.east }] }).some((line) =>
      line.includes('both lie in site `east`'),
    ),
  );
});

test('copies all in one site, or none where the pool is served', () => {
  const stores = [...west.stores, aStore({ name: asStore('east-store-2') })];
  const copies = [
    { store: names.eastStore, preference: 1 },
    { store: asStore('east-store-2'), preference: 2 },
  ];
  assert.deepEqual(found({ stores, datasets: [aDataset({ copies }), usersWest] }), [
    'datasets.0.copies: all copies of `users-east` are in site `east`; ' +
      'put a copy on a store of another site, so that it outlives the site',
    'datasets.0.copies: no copy of `users-east` is on a server of pool `west`; ' +
      'add a copy on a store of west-1',
    'datasets.0.copies.1.store: two copies of `users-east` are on server `east-1`; ' +
      'put each copy on a store of another server',
  ]);
});

test('the best liked copy is at home', () => {
  const copies = [
    { store: names.eastStore, preference: 2 },
    { store: names.westStore, preference: 1 },
  ];
  assert.match(
    found({ datasets: [aDataset({ copies }), usersWest] })[0] ?? '',
    /^datasets\.0\.copies\.1\.preference: the best liked copy/,
  );
});

test('a store across machines is reached with TLS only', () => {
  const at = (url: string) =>
    found({ stores: [aStore({ kind: 'url', url }), west.stores[1] ?? aStore()] });
  const bad = 'postgres://admin:secret@db.example.org:5432/postgres';
  assert.match(at(bad)[0] ?? '', /db\.example\.org is not encrypted for certain/);
  assert.match(at(`${bad}?sslmode=prefer`)[0] ?? '', /not encrypted/);
  assert.match(at(`${bad}?sslmode=require&sslmode=disable`)[0] ?? '', /not encrypted/);
  assert.match(at('mysql://db/x')[0] ?? '', /not the URL of a PostgreSQL instance/);
  for (const line of [...at(bad), ...at('postgres://u:secret@@@')]) {
    assert.ok(!line.includes('secret'), line);
  }
  for (const good of [
    `${bad}?sslmode=require`,
    `${bad}?application_name=x&sslmode=verify-full`,
    'postgresql://127.0.0.1/postgres',
    'postgres://u:p@localhost:5433/x',
    'postgres://u:p@[::1]:5433/x',
    'postgres:///x?host=/run/postgresql',
  ]) {
    assert.deepEqual(at(good), [], good);
  }
});

test('two stores are two PostgreSQL instances', () => {
  const stores = [
    aStore({ kind: 'url', url: 'postgres://127.0.0.1:5433/a' }),
    aStore({
      name: names.westStore,
      server: names.westServer,
      kind: 'url',
      url: 'postgres://u:p@localhost:5433/b',
    }),
  ];
  assert.match(found({ stores })[0] ?? '', /^stores\.1\.url: two stores are one PostgreSQL/);
});

test('limits out of their bounds, or in an order that cannot work', () => {
  assert.deepEqual(found({ limits: { ...defaultLimits, leaseMs: 1 } }), [
    'limits.leaseMs: leaseMs (lease time: how long a mount holds without renewal) is 1; ' +
      'a whole number from 2000 to 300000 ms',
    'limits.cycleMs: cycleMs is not below leaseMs: a mount would end before it is renewed; ' +
      'choose cycleMs below leaseMs',
  ]);
});

test('what is empty: a pool, a server without a store, a site without a server', () => {
  assert.match(
    found({ pools: [{ ...eastPool, servers: [] }, westPool] })[0] ?? '',
    /^pools\.0\.servers: pool `east` has no server/,
  );
  assert.deepEqual(found({ datasets: [usersEast] }), [
    'pools.1.name: pool `west` has no dataset; add one with pool: west',
  ]);
  assert.ok(
    found({ servers: [...west.servers, aServer({ name: asServer('idle') })] })[0]?.startsWith(
      'servers.2.name: server `idle` has no store',
    ),
  );
  assert.deepEqual(found({ sites: [...west.sites, { name: asSite('north') }] }), [
    'sites.2.name: site `north` has no server; add one, or leave it out',
  ]);
});

test('the nearest name is near', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(nearestName('east-stroe', ['west-store', 'east-store']), 'east-store');
  assert.equal(nearestName('EAST', ['east']), 'east');
  assert.equal(nearestName('completely-else', ['east', 'west']), undefined);
  assert.equal(nearestName('x'.repeat(10_000), ['east']), undefined);
});

test('V6: two servers vote with a witness or not at all; nobody has two votes', () => {
  const votes = { kind: 'postgres', endpoints: [] } as const;
  const port = 0;
  assert.deepEqual(found({ votes: { ...votes, witness: { port } } }), []);
  assert.deepEqual(found({ votes }), [
    'votes: two servers vote and there is no witness: the death of one would stop the other; ' +
      'name a witness, or leave `votes` out',
  ]);
  const url = 'postgres://u:p@127.0.0.1:5432/db';
  const [eastStore, westStore] = aTopology().stores;
  const stores = [{ ...(eastStore ?? aStore()), kind: 'url' as const, url }, westStore ?? aStore()];
  assert.deepEqual(found({ stores, votes: { ...votes, witness: { port, url } } }), [
    'votes.witness.url: the witness is the PostgreSQL of store `east-store`, which has a vote ' +
      'already; give it a PostgreSQL of its own',
  ]);
  const far = { ...(aTopology().servers[1] ?? aServer()), address: 'west.example.org' };
  const servers = [aServer(), far];
  assert.deepEqual(found({ servers, votes: { ...votes, witness: { port } } }), [
    'votes.witness: an embedded witness stands on this machine, and servers stand on others; ' +
      'give it the url of a PostgreSQL on a machine of its own',
  ]);
});

test('etcd is named by its members, and needs no witness', () => {
  const votes = { kind: 'etcd', endpoints: ['http://10.0.0.1:2379'] } as const;
  assert.deepEqual(found({ votes }), []);
  const wrong = { ...votes, endpoints: ['10.0.0.1'], witness: { port: 0 } };
  assert.deepEqual(found({ votes: wrong }), [
    'votes.witness: a cluster of etcd needs no witness; leave it out',
    'votes.endpoints.0: this is not the address of a member of etcd; ' +
      'write one like http://HOST:2379 or https://USER:PASSWORD@HOST:2379',
  ]);
  const clear = ['http://ada:secret@10.0.0.1:2379', 'http://ada:secret@127.0.0.1:2379'];
  assert.deepEqual(found({ votes: { ...votes, endpoints: clear } }), [
    'votes.endpoints.0: a password would go to 10.0.0.1 in clear; ' +
      'write https, and let etcd speak TLS',
  ]);
  const hidden = ['https://ada:secret@10.0.0.1:2379/'];
  assert.deepEqual(found({ votes: { ...votes, endpoints: hidden } }), []);
  assert.equal(found({ votes: { ...votes, endpoints: [] } }).length, 1);
  assert.equal(found({ votes: { kind: 'postgres', endpoints: votes.endpoints } }).length, 2);
});

test('a fencing command can be run anywhere, and can prove something', () => {
  const withFencing = (fencing: Fencing) =>
    found({ sites: [{ name: names.east, fencing }, { name: names.west }] });
  const timeoutMs = 1_000;
  assert.deepEqual(withFencing({ command: ['/sbin/fence', 'east'], timeoutMs, expect: 'o*f' }), []);
  assert.deepEqual(withFencing({ command: [], timeoutMs }), [
    'sites.0.fencing.command: the command is empty; ' +
      'write the program with its whole path, and its arguments: [/usr/sbin/fence, off]',
  ]);
  assert.deepEqual(withFencing({ command: ['fence; rm -rf /'], timeoutMs, expect: ' * ' }), [
    'sites.0.fencing.command.0: "fence; rm -rf /" is not the whole path of a program; ' +
      'write it from the root on; it is run without a shell',
    'sites.0.fencing.expect: every output contains that, so it proves nothing; ' +
      'write words that the command says only when the site is off, or leave `expect` out',
  ]);
  const lonely = aTopology({
    sites: [{ name: names.east, fencing: { command: ['/f'], timeoutMs } }],
  });
  const words = checkTopology(lonely).map(({ what }) => what);
  assert.ok(words.includes('there is no other site, so nobody would run it'), words.join());
});

test('a dataset is not born where its activation is blocked', () => {
  const [first = assert.fail(), ...others] = usersEast.copies;
  const copies = [{ ...first, activation: 'blocked' as const }, ...others];
  assert.deepEqual(found({ datasets: [aDataset({ copies }), usersWest] }), [
    'datasets.0.copies.0.activation: the best liked copy is blocked, and `users-east` is active ' +
      'there when it is born; allow its activation, or prefer another copy',
  ]);
  const [east = assert.fail(), west1 = assert.fail()] = aTopology().servers;
  assert.deepEqual(found({ servers: [{ ...east, activation: 'blocked' }, west1] }), [
    'datasets.0.copies.0.store: the best liked copy is on `east-1`, which is blocked, and ' +
      '`users-east` is active there when it is born; allow its activation, or prefer another copy',
  ]);
});

test('a server may have as many active datasets as are preferred on it', () => {
  const [east = assert.fail(), west1 = assert.fail()] = aTopology().servers;
  assert.deepEqual(found({ servers: [{ ...east, maxActive: 1 }, west1] }), []);
  assert.deepEqual(found({ servers: [{ ...east, maxActive: 0 }, west1] }), [
    'servers.0.maxActive: maxActive is 0; a number from 1 to 500',
  ]);
});

test('V7: a synchronous copy is in the site of the best liked one, and somebody votes', () => {
  const base = aTopology();
  const [mirror, spare] = ['east-2', 'east-3'].map((name) => aServer({ name: asServer(name) }));
  const [store, other] = ['east-mirror', 'east-spare'].map((name, at) =>
    aStore({ name: asStore(name), server: asServer(`east-${at + 2}`) }),
  );
  assert.ok(mirror && spare && store && other);
  const copies = [
    { store: names.eastStore, preference: 1 },
    { store: store.name, preference: 2 },
    { store: names.westStore, preference: 3 },
    { store: other.name, preference: 4 },
  ];
  const judged = (named: readonly string[], votes?: Topology['votes']) =>
    found({
      servers: [...base.servers, mirror, spare],
      stores: [...base.stores, store, other],
      pools: [aPool({ servers: [names.eastServer, mirror.name] }), westPool],
      datasets: [
        aDataset({
          copies: copies.map((copy) =>
            named.includes(copy.store) ? { ...copy, sync: true } : copy,
          ),
        }),
        usersWest,
      ],
      ...(votes && { votes }),
    });
  const votes = { kind: 'etcd', endpoints: ['http://etcd:2379'] } as const;
  assert.deepEqual(judged(['east-mirror'], votes), []);
  assert.deepEqual(judged(['east-mirror']), [
    'datasets.0.copies.1.sync: nobody votes, so nobody could say later whether this copy was in ' +
      'sync; add `votes`, or leave `sync` out',
  ]);
  assert.deepEqual(judged(['east-store'], votes), [
    'datasets.0.copies.0.sync: the best liked copy of `users-east` cannot be synchronous to ' +
      'itself; say `sync` at another copy of its site',
  ]);
  assert.deepEqual(judged(['west-store'], votes), [
    'datasets.0.copies.2.sync: store `west-store` is in site `west`, and every write would wait ' +
      'for it; name a copy in site `east`',
  ]);
  assert.deepEqual(judged(['east-spare'], votes), [
    'datasets.0.copies.3.sync: server `east-3` is not of pool `east`, which it would serve; add ' +
      "it to the pool's servers, or name a copy on one of them",
  ]);
  assert.deepEqual(judged(['east-mirror', 'east-spare'], votes), [
    'datasets.0.copies.3.sync: `users-east` names two synchronous copies; name one',
  ]);
});

test('V7: no two datasets wait for copies on one store', () => {
  const base = aTopology();
  const mirror = aServer({ name: asServer('east-2') });
  const store = aStore({ name: asStore('east-mirror'), server: mirror.name });
  const shared = (name: string, pool: string, best: string) => ({
    ...usersWest,
    name: asDataset(name),
    pool: asPool(pool),
    copies: [
      { store: asStore(best), preference: 1 },
      { store: store.name, preference: 2, sync: true as const },
    ],
  });
  const lines = found({
    servers: [...base.servers, mirror, aServer({ name: asServer('east-3') })],
    stores: [...base.stores, store, aStore({ name: asStore('third'), server: asServer('east-3') })],
    pools: [aPool({ servers: [names.eastServer, mirror.name, asServer('east-3')] })],
    datasets: [shared('one', 'east', 'east-store'), shared('two', 'east', 'third')],
    votes: { kind: 'etcd', endpoints: ['http://etcd:2379'] },
  });
  assert.ok(
    lines.includes(
      'datasets.1.copies.1.store: store `east-mirror` has a copy of `one` too whose writes wait; ' +
        'give a dataset with a synchronous copy stores that no other such one has',
    ),
    lines.join(''),
  );
});

test('a further copy may lie in a third site, on a server of no pool', () => {
  const base = aTopology();
  const north = asSite('north');
  const server = aServer({ name: asServer('north-1'), site: north });
  const store = aStore({ name: asStore('north-store'), server: server.name });
  const copies = [...usersEast.copies, { store: store.name, preference: 3 }];
  const difference = {
    sites: [...base.sites, { name: north }],
    servers: [...base.servers, server],
    stores: [...base.stores, store],
    datasets: [aDataset({ copies }), usersWest],
  };
  assert.deepEqual(found(difference), []);
});
