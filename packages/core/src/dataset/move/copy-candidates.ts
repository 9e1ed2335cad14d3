import { copyRecordOf } from '../../agent/decision.ts';
import type { DatasetName, SiteName, StoreName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import { findActivationBar } from './activation-bars.ts';
import {
  type CopyCandidate,
  type CopyChoice,
  type CopyQuestion,
  chooseBestCopy,
} from './choose-best-copy.ts';
import { copyAt, datasetOf, knownRecord, placeOf, quoteOf, siteOf } from './copy-places.ts';

/**
 * All copies of the record's dataset, as far as the topology and the inventory tell, for the choice
 * of the best one; with `site`, those elsewhere are out of the question. Pure.
 */
export function copyCandidates(
  inventory: Inventory,
  record: ActiveRecord,
  where: { readonly site?: SiteName } = {},
): readonly CopyCandidate[] {
  const { dataset } = record;
  return datasetOf(inventory.topology, dataset).copies.map(({ store, preference }) => {
    const out = findOut(inventory, { record, store, ...where });
    return {
      store,
      preference,
      ...(out === undefined ? {} : { out }),
      report: copyAt(inventory, dataset, store),
      quote: quoteOf(inventory, dataset, store),
    };
  });
}

export type DatasetChoice = CopyChoice & {
  readonly dataset: DatasetName;
  readonly mode: CopyQuestion['mode'];
};

/**
 * For each dataset that is born, who would take over if the active copy had to leave now: as
 * planned while that is mounted, else by force. Of all sites, so that every copy has its reason.
 */
export function chooseBestCopies(inventory: Inventory): readonly DatasetChoice[] {
  return inventory.topology.datasets.flatMap(({ name: dataset }): readonly DatasetChoice[] => {
    const record = knownRecord(inventory, dataset);
    if (record === undefined) return [];
    const isMounted = copyAt(inventory, dataset, record.active)?.state === 'mounted';
    const mode = isMounted ? 'planned' : 'forced';
    const candidates = copyCandidates(inventory, record);
    return [{ dataset, mode, ...chooseBestCopy({ record, candidates, mode }) }];
  });
}

type Asked = {
  readonly record: ActiveRecord;
  readonly store: StoreName;
  readonly site?: SiteName;
};
type Out = CopyCandidate['out'];

function findOut(inventory: Inventory, asked: Asked): Out {
  const { record, store, site } = asked;
  if (record.active === store) return { reason: 'active', why: 'it is the active copy' };
  const its = siteOf(inventory.topology, placeOf(inventory.topology, store).server);
  if (site !== undefined && its !== site) {
    return { reason: 'otherSite', why: `it is in site ${its}, and ${site} takes over` };
  }
  const bar = findActivationBar(inventory, { dataset: record.dataset, store });
  if (bar !== undefined) return { reason: bar.code, why: bar.why };
  return findUnseen(inventory, asked);
}

/** Nobody answers for it, or its database is not there. */
function findUnseen(inventory: Inventory, { record, store }: Asked): Out {
  const { dataset } = record;
  const { server } = placeOf(inventory.topology, store);
  const silent = inventory.silent.find((each) => each.server === server);
  if (silent !== undefined) {
    return { reason: 'silent', why: `${server} does not answer (${silent.why})` };
  }
  const report = inventory.reports.find((each) => each.server === server);
  const seen = report?.stores.find((each) => each.store === store);
  if (seen?.isUp !== true) return { reason: 'storeDown', why: 'its store does not answer' };
  const suspended = copyRecordOf(inventory.decisions, { dataset, store })?.suspended;
  if (suspended !== undefined) return { reason: 'suspended', why: `suspended: ${suspended}` };
  if (copyAt(inventory, dataset, store) !== undefined) return undefined;
  const aside = report?.setAside.find((each) => each.dataset === dataset && each.store === store);
  if (aside === undefined) return { reason: 'absent', why: 'it is not seeded yet' };
  return { reason: 'setAside', why: `what it had is kept as ${aside.database} until it is read` };
}
