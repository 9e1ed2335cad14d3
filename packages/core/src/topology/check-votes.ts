import { judgeStoreUrl, storeUrlPlace } from './store-url.ts';
import type { Topology, Votes } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

const path = ['votes'] as const;

/** Who votes: that there can be a majority, and that nobody counts twice. */
export function checkVotes(topology: Topology): readonly TopologyFinding[] {
  const { votes } = topology;
  if (votes === undefined) return [];
  return votes.kind === 'etcd' ? checkEtcd(votes) : checkMembers(topology, votes);
}

function checkEtcd({ endpoints, witness }: Votes): readonly TopologyFinding[] {
  const bad = endpoints.flatMap((endpoint, index) => {
    const place = { path: [...path, 'endpoints', index] };
    const read = /^(https?):\/\/(?:([^/?#\s@]+)@)?([^/?#\s@]+?)(?::\d+)?\/?$/i.exec(endpoint);
    if (read === null) {
      const what = 'this is not the address of a member of etcd';
      const todo = 'write one like http://HOST:2379 or https://USER:PASSWORD@HOST:2379';
      return [{ ...place, what, todo }];
    }
    const [, scheme, user, host = ''] = read;
    if (user === undefined || scheme?.toLowerCase() === 'https' || isLoopback(host)) return [];
    const what = `a password would go to ${host} in clear`;
    return [{ ...place, what, todo: 'write https, and let etcd speak TLS' }];
  });
  const none = { path: [...path], what: 'votes of kind etcd have no endpoints' };
  const witnessed = { path: [...path, 'witness'], what: 'a cluster of etcd needs no witness' };
  return [
    ...(endpoints.length === 0 ? [{ ...none, todo: "list the URLs of etcd's members" }] : []),
    ...(witness === undefined ? [] : [{ ...witnessed, todo: 'leave it out' }]),
    ...bad,
  ];
}

function checkMembers(topology: Topology, votes: Votes): readonly TopologyFinding[] {
  const { endpoints, witness } = votes;
  const stray = { path: [...path, 'endpoints'], what: 'votes of kind postgres have no endpoints' };
  return [
    ...(endpoints.length === 0 ? [] : [{ ...stray, todo: 'leave them out, or say kind: etcd' }]),
    ...(witness === undefined ? findEven(topology) : checkWitness(topology, witness)),
  ];
}

/** V6: a majority of two is two, so either one's death would close the other's gates. */
function findEven({ servers }: Topology): readonly TopologyFinding[] {
  if (servers.length !== 2) return [];
  const what = 'two servers vote and there is no witness: the death of one would stop the other';
  return [{ path: [...path], what, todo: 'name a witness, or leave `votes` out' }];
}

function checkWitness(
  { servers, stores }: Topology,
  { url }: NonNullable<Votes['witness']>,
): readonly TopologyFinding[] {
  if (url === undefined) {
    const isHere = servers.every(({ address }) => isLoopback(address));
    const what = 'an embedded witness stands on this machine, and servers stand on others';
    const todo = 'give it the url of a PostgreSQL on a machine of its own';
    return isHere ? [] : [{ path: [...path, 'witness'], what, todo }];
  }
  const judged = judgeStoreUrl(url);
  if (judged !== undefined) return [{ path: [...path, 'witness', 'url'], ...judged }];
  const same = stores.find((store) => storeUrlPlace(store.url) === storeUrlPlace(url));
  if (same === undefined) return [];
  const what = `the witness is the PostgreSQL of store \`${same.name}\`, which has a vote already`;
  return [{ path: [...path, 'witness', 'url'], what, todo: 'give it a PostgreSQL of its own' }];
}

function isLoopback(address: string): boolean {
  return /^(localhost|::1|127\.\d+\.\d+\.\d+|)$/i.test(address);
}
