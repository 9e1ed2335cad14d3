import { asDataset, counted, type LedgerPage, type LedgerQuery } from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
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
      const left = ids.length - noted;
      const others = left === 0 ? '' : `; ${left} did not wait for that`;
      return `${counted(noted, 'entry', 'entries')} of ${dataset} resolved: ${why}${others}`;
    },
  };
}
