import { createHash } from 'node:crypto';
import {
  type ActiveRecord,
  type Inventory,
  type LeaseReport,
  type LossQuote,
  type OldGate,
  quoteLoss,
  type RunRequest,
  type StoreName,
} from '@understudy/core';
import { canonicalJson } from '@understudy/runbook-engine';
import type { AgentParts } from '../agent-parts.ts';

/** Quotes remembered at once: those of a minute, asked for by people. */
const quotesMax = 1000;
const idLength = 12;

/** Quotes for every passive copy that answered (A5). */
export function quoteCopies({ topology, reports, decisions }: Omit<Inventory, 'quotes'>) {
  const leases = reports.flatMap(({ votes }) => votes?.leases ?? []);
  return topology.datasets.flatMap(({ name, lossLimit }): readonly LossQuote[] => {
    const record = decisions.find((each) => each.kind === 'active' && each.dataset === name);
    if (record?.kind !== 'active') return [];
    const fencingMs = fencingOf(topology, record.active)?.timeoutMs;
    return reports.flatMap(({ copies, votes }) =>
      copies
        .filter((copy) => copy.dataset === name && copy.store !== record.active)
        .map((copy) =>
          quoteLoss({
            dataset: name,
            copy: copy.store,
            lag: copy.lag,
            limit: lossLimit,
            limits: topology.limits,
            oldGate: gateOf(votes?.leases ?? [], record),
            fencingMs,
            isInSync: isRecordedInSync(leases, record, copy.store),
          }),
        ),
    );
  });
}

/**
 * Of the active copy, as the agent that measured the lag sees its lease: the ages of both are by
 * one clock. A gate whose lease has passed stays shut, and whoever opened one since is in the way
 * of a takeover.
 */
function gateOf(leases: readonly LeaseReport[], record: ActiveRecord): OldGate {
  const { id, active } = record;
  const lease = leases.find(({ dataset, holder }) => dataset === id && holder === active);
  return lease?.passedMs === undefined ? 'notProven' : { shutForMs: lease.passedMs };
}

/** The fencing command of the site that a store stands in, if it has one. */
function fencingOf({ stores, servers, sites }: Inventory['topology'], name: StoreName) {
  const server = stores.find((store) => store.name === name)?.server;
  const site = servers.find((each) => each.name === server)?.site;
  return sites.find((each) => each.name === site)?.fencing;
}

/** Nobody who has looked at the voters says anything else of the lease of the active copy (V7). */
function isRecordedInSync(
  leases: readonly LeaseReport[],
  record: ActiveRecord,
  copy: StoreName,
): boolean {
  const seen = leases.filter(({ dataset }) => dataset === record.id);
  return (
    seen.length > 0 &&
    seen.every(({ holder, inSync }) => holder === record.active && inSync === copy)
  );
}

/**
 * Remembers which quotes were shown, so that an operator can accept one for limits.quoteValidMs
 * (decisions/0019). An id names one request with its figures and is worth nothing for another.
 */
export function createQuoteBook({ clock, chance, topology }: AgentParts) {
  const shown = new Map<string, Shown>();
  const isValid = (atMs: number): boolean => clock.bootMs() - atMs <= topology.limits.quoteValidMs;
  return {
    /** The id to accept these figures with. */
    show(request: RunRequest, quotes: readonly LossQuote[]): string {
      const text = canonicalJson({ subject: subjectOf(request), quotes, salt: chance.uuid() });
      const id = createHash('sha256').update(text).digest('hex').slice(0, idLength);
      for (const [old, { atMs }] of shown) {
        if (!isValid(atMs) || shown.size >= quotesMax) shown.delete(old);
      }
      shown.set(id, {
        subject: subjectOf(request),
        inSync: inSyncOf(quotes),
        atMs: clock.bootMs(),
      });
      return id;
    },
    /**
     * Why the id that the request accepts is worth nothing; undefined when it holds. `quotes` is
     * what stands there by now: who was shown that nothing is lost accepted no loss (V7).
     */
    refuse(request: RunRequest, quotes: readonly LossQuote[]): string | undefined {
      const { acceptedQuote: id } = request;
      if (id === undefined) return undefined;
      const known = shown.get(id);
      if (known === undefined || !isValid(known.atMs)) {
        return `quote ${id} is not known here or too old: ask for a new one`;
      }
      if (known.subject !== subjectOf(request)) return `quote ${id} was given for something else`;
      const now = new Set(inSyncOf(quotes));
      const [ended] = known.inSync.filter((copy) => !now.has(copy));
      if (ended === undefined) return undefined;
      return `quote ${id} called ${ended} in sync, which it is no more: ask for a new one`;
    },
  };
}
export type QuoteBook = ReturnType<typeof createQuoteBook>;

/** A quote that was shown, and which copies it called in sync. */
type Shown = {
  readonly subject: string;
  readonly inSync: readonly string[];
  readonly atMs: number;
};

function inSyncOf(quotes: readonly LossQuote[]): readonly string[] {
  return quotes.flatMap(({ dataset, copy, isInSync }) =>
    isInSync === true ? [`${dataset} on ${copy}`] : [],
  );
}

function subjectOf({ runbook, pool, dataset, toStore }: RunRequest): string {
  return [runbook, pool, dataset, toStore].join('/');
}
