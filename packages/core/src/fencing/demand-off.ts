import type { CopyPlace } from '../dataset/move/copy-places.ts';
import type { DatasetName, ServerName } from '../ids.ts';
import type { RunRequest } from '../run/run-request.ts';
import type { Inventory } from '../topology/inventory.ts';
import { listNames } from '../topology/topology-finding.ts';
import type { Topology } from '../topology/topology.ts';
import type { OffBy, PlannedFencing } from './fencing.ts';
import { judgeSource } from './judge-source.ts';

// Whoever takes what silent servers may still hold has to be certain that they are off (V6).
//
// D1. An operator's word makes it certain, and then nobody is fenced: it may be said because the
//     fencing device went down with its site.
// D2. Without a word every site of theirs has to be proven off by its fencing command.
// D3. Nothing else makes it certain: no silence, however long.

/** What makes it certain that servers are off; `fencing` only once each of them is proven. */
export type Certainty =
  | { readonly by: 'word' }
  | { readonly by: 'fencing'; readonly fencings: readonly PlannedFencing[] }
  | { readonly by: 'nothing'; readonly why: string };

/** What makes it certain that `servers`, which do not answer or cannot be believed, are off. */
export function demandOff(
  topology: Topology,
  {
    servers,
    isPartnerOff,
  }: { readonly servers: readonly ServerName[]; readonly isPartnerOff: boolean },
): Certainty {
  if (isPartnerOff) return { by: 'word' };
  const asked = topology.servers.filter(({ name }) => servers.includes(name));
  const fencings = topology.sites.flatMap(({ name: site, fencing }) => {
    const here = asked.filter((server) => server.site === site);
    if (here.length === 0 || fencing === undefined) return [];
    return [{ ...fencing, site, servers: here.map(({ name, address }) => ({ name, address })) }];
  });
  const fenced = new Set(fencings.map(({ site }) => site));
  const left = asked.filter(({ site }) => !fenced.has(site)).map(({ name }) => name);
  if (left.length === 0) return { by: 'fencing', fencings };
  const why =
    `a silent ${listNames(left)} cannot be told from a cut cable; make sure that it is off and ` +
    'say so with --partner-is-off';
  return { by: 'nothing', why };
}

type Source = Pick<CopyPlace, 'server' | 'store'> & { readonly dataset: DatasetName };

/** The same for one copy that is moved away from by force; undefined where its agent can tell. */
export function demandSourceOff(
  inventory: Inventory,
  source: Source,
  { isPartnerOff }: Pick<RunRequest, 'isPartnerOff'>,
): Certainty | undefined {
  const report = inventory.reports.find(({ server }) => server === source.server);
  if (judgeSource(report, source) !== 'unknown') return undefined;
  return demandOff(inventory.topology, { servers: [source.server], isPartnerOff });
}

/**
 * How the loss of moving away from `source` by force is bounded: by the operator's word also where
 * its agent can tell that it cannot write, for the word says since when.
 */
export function offBy(
  inventory: Inventory,
  source: Source,
  request: Pick<RunRequest, 'isPartnerOff'>,
): OffBy | undefined {
  return request.isPartnerOff ? 'word' : demandSourceOff(inventory, source, request)?.by;
}

/**
 * The sites that a forced plan has fenced: of the sources that nobody can tell of. A site's other
 * servers that are silent are named to the command too; those that answer are not.
 */
export function planFencings(
  inventory: Inventory,
  sources: readonly Source[],
  request: Pick<RunRequest, 'isPartnerOff'>,
): readonly PlannedFencing[] {
  const { topology, silent } = inventory;
  const fenced = sources
    .filter((source) => demandSourceOff(inventory, source, request)?.by === 'fencing')
    .map(({ server }) => server);
  const siteOf = new Map(topology.servers.map(({ name, site }) => [name, site]));
  const sites = new Set(fenced.map((server) => siteOf.get(server)));
  const beside = silent.map(({ server }) => server).filter((name) => sites.has(siteOf.get(name)));
  const certainty = demandOff(topology, { servers: [...fenced, ...beside], isPartnerOff: false });
  return certainty.by === 'fencing' ? certainty.fencings : [];
}
