import {
  asDataset,
  counted,
  type DatasetName,
  type LedgerPage,
  type LedgerQuery,
} from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import type { OwnStore } from '../agent-parts.ts';
import { ownDatasets } from '../own-store.ts';
import { findCopy, recordHere } from './find-copy.ts';
import { refuse } from './refuse.ts';

/** What operators ask of the loss ledger of one dataset. */
export type LedgerByWord = {
  /** From whichever copy this server has: the ledger is replicated. */
  readLedger(request: {
    readonly dataset: string;
    readonly query: LedgerQuery;
  }): Promise<LedgerPage>;
  /** Through the gate of the active copy. */
  resolveLedger(request: {
    readonly dataset: string;
    readonly ids: readonly string[];
    readonly by: string;
    readonly why: string;
  }): Promise<string>;
};

export function createLedgerByWord(hands: Hands): LedgerByWord {
  return {
    async readLedger({ dataset, query }) {
      const found = ownDatasets(hands.parts).find((each) => each.dataset === dataset);
      if (found === undefined) return refuse('notHere', `no copy of ${dataset} is here`);
      return await found.own.engine.readLedger(found.dataset, query);
    },
    async resolveLedger({ dataset: name, ids, by, why }) {
      const dataset = asDataset(name);
      const record = recordHere(hands, dataset);
      const { own, copy } = await findCopy(hands, dataset, record?.active);
      if (copy?.gate.isOpen !== true) {
        return refuse('wrongState', `${dataset} is not mounted on ${own.engine.store} now`);
      }
      const { generation } = copy.gate;
      const noted = await own.engine.resolveLedger({ dataset, generation, ids, by, why });
      if (noted === 0) await refuseUnknown(own, { dataset, ids });
      const left = ids.length - noted;
      const others = left === 0 ? '' : `; ${left} did not wait for that`;
      return `${counted(noted, 'entry', 'entries')} of ${dataset} resolved: ${why}${others}`;
    },
  };
}

/** What was resolved before may be resolved again, and stays as it was; a name is not made up. */
async function refuseUnknown(
  { engine }: OwnStore,
  { dataset, ids }: { readonly dataset: DatasetName; readonly ids: readonly string[] },
): Promise<void> {
  for (const id of ids) {
    const { entries } = await engine.readLedger(dataset, { id });
    if (entries.length > 0) return;
  }
  const todo = 'those that wait are named by: understudy ledger list';
  refuse('notHere', `the ledger of ${dataset} has no entry ${ids.join(' or ')}; ${todo}`);
}
