import {
  activeRecordOf,
  type ActiveRecord,
  asDataset,
  asStore,
  type CopyRecord,
  copyRecordOf,
  type Decision,
  findActivationBar,
  type DatasetName,
  mayMount,
  nextGeneration,
  noGeneration,
  type StoreName,
  type VerifyResult,
} from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import { learnHere } from '../mount/learn-here.ts';
import { mountAgain } from '../mount/mount-again.ts';
import type { Hands } from '../mount/open-mount.ts';
import { raiseGeneration } from '../mount/raise-generation.ts';
import { shutMount } from '../mount/shut-mount.ts';
import { silentPartners } from '../observe/judge-copies.ts';
import { askPartners } from '../observe/ask-partners.ts';
import { judgeIdentities } from '../observe/judge-identities.ts';
import { lookHere } from '../observe/look-here.ts';
import type { OwnStore } from '../agent-parts.ts';
import { firstStore, ownStoreNamed } from '../own-store.ts';
import { findCopy, type FoundCopy, ownCopyOf } from './find-copy.ts';
import { setAside } from './obey-copy.ts';
import { createLedgerByWord, type LedgerByWord } from './ledger-by-word.ts';
import { refuse } from './refuse.ts';

/** Each resolves with the one sentence, or rejects with RefusedHere or the engine's errors. */
export type ByWord = LedgerByWord & {
  /** Mounts the active copy again; `isPartnerOff` is the operator's word (decisions/0008). */
  mount(request: { readonly dataset: string; readonly isPartnerOff: boolean }): Promise<string>;
  /** Keeps the dataset dismounted until somebody mounts it. */
  dismount(request: { readonly dataset: string; readonly why: string }): Promise<string>;
  suspend(request: CopyWord & { readonly why: string }): Promise<string>;
  resume(request: CopyWord): Promise<string>;
  /** The copy is not made active, by nobody, until `unblock`; active already it stays so. */
  block(request: CopyWord & { readonly why: string }): Promise<string>;
  unblock(request: CopyWord): Promise<string>;
  /** Sets a passive copy aside; it is seeded again by itself. */
  seed(request: CopyWord): Promise<string>;
  verify(request: CopyWord): Promise<VerifyResult>;
};

export type CopyWord = { readonly dataset: string; readonly store: string };

export function createByWord(hands: Hands): ByWord {
  const on = <Result>(name: string, act: (dataset: DatasetName) => Promise<Result>) => {
    const dataset = asDataset(name);
    return hands.memory.queue.run(dataset, () => act(dataset));
  };
  return {
    mount: ({ dataset, isPartnerOff }) =>
      on(dataset, (name) => mount(hands, { dataset: name, isPartnerOff })),
    dismount: ({ dataset, why }) => on(dataset, (name) => dismount(hands, { dataset: name, why })),
    suspend: ({ dataset, store, why }) =>
      on(dataset, (name) => suspend(hands, { dataset: name, store: asStore(store) }, why)),
    resume: ({ dataset, store }) =>
      on(dataset, (name) => suspend(hands, { dataset: name, store: asStore(store) })),
    block: ({ dataset, store, why }) =>
      on(dataset, (name) => block(hands, { dataset: name, store: asStore(store) }, why)),
    unblock: ({ dataset, store }) =>
      on(dataset, (name) => block(hands, { dataset: name, store: asStore(store) })),
    seed: ({ dataset, store }) => on(dataset, (name) => seedAgain(hands, name, asStore(store))),
    verify: ({ dataset, store }) => on(dataset, (name) => verify(hands, name, asStore(store))),
    ...createLedgerByWord(hands),
  };
}

async function mount(
  hands: Hands,
  { dataset, isPartnerOff }: { readonly dataset: DatasetName; readonly isPartnerOff: boolean },
): Promise<string> {
  const { parts, memory } = hands;
  const [look] = await Promise.all([lookHere(parts, memory), askPartners(parts, memory)]);
  await judgeIdentities(parts, memory, look);
  const found = await findActive(hands, dataset);
  const { own, copy, record } = found;
  const { store } = own.engine;
  if (copy?.gate.isOpen === true) return `${dataset} is mounted on ${store} already`;
  // Who asks for a mount takes back that it be kept dismounted.
  const wanted = record === undefined ? undefined : mountable(record);
  const answer = mayMount({
    store,
    copy,
    record: wanted,
    silent: silentPartners(parts, memory, dataset),
    by: isPartnerOff ? 'operator' : 'itself',
    isVoted: parts.mountRight.isVoted,
    takenBack: memory.takenBack.get(store),
  });
  if (answer.answer !== 'allowed' || copy === undefined || wanted === undefined) {
    const todo = answer.answer === 'ask' ? `; ${answer.todo}` : '';
    return refuse('rule', `${dataset} stays dismounted: ${answer.why}${todo}`);
  }
  return await mountAgain(hands, { own, copy, record: wanted, isSilenceFine: isPartnerOff });
}

function mountable({ dismounted: _, ...record }: ActiveRecord): ActiveRecord {
  return record;
}

async function dismount(
  hands: Hands,
  { dataset, why }: { readonly dataset: DatasetName; readonly why: string },
): Promise<string> {
  const { own, copy, record } = await findActive(hands, dataset);
  if (copy === undefined || record === undefined) {
    return refuse('notHere', `${own.engine.store} has no ${dataset}`);
  }
  const { parts, memory } = hands;
  const kept = { ...record, dismounted: why };
  // Nothing is opened by it, so a silent partner hears of it later.
  const place = { own, copy, record: kept, opensNothing: true };
  const raised = await raiseGeneration(parts, memory, place);
  if (!raised.isRaised) return refuse('staleGeneration', `${dataset}: ${raised.why}`);
  const { generation } = copy.gate;
  if (copy.gate.isOpen) await shutMount(hands, { own, dataset, generation });
  return `${dataset} is dismounted on ${own.engine.store} until it is mounted: ${why}`;
}

async function findActive(hands: Hands, dataset: DatasetName): Promise<FoundCopy> {
  const record = activeRecordOf(hands.memory.decisions, dataset);
  if (record === undefined) refuse('unknownSubject', `nothing is decided of ${dataset}`);
  ownCopyOf(hands, dataset, record?.active);
  return await findCopy(hands, dataset, record?.active);
}

type Copy = { readonly dataset: DatasetName; readonly store: StoreName };

async function suspend(hands: Hands, copy: Copy, suspended?: string): Promise<string> {
  const { dataset, store } = copy;
  if (activeRecordOf(hands.memory.decisions, dataset)?.active === store) {
    refuse('wrongState', `${store} has the active copy of ${dataset}`);
  }
  const own = ownCopyOf(hands, dataset, store);
  await say(hands, { own, copy }, ({ suspended: _, ...rest }) => ({
    ...rest,
    ...(suspended === undefined ? {} : { suspended }),
  }));
  const words = suspended === undefined ? 'follows again' : `is suspended: ${suspended}`;
  return `${dataset} on ${store} ${words}`;
}

async function block(hands: Hands, copy: Copy, blocked?: string): Promise<string> {
  const { dataset, store } = copy;
  const { parts } = hands;
  // It holds for a copy that answers nobody, too: any server's word on it is learned by all.
  const own = ownStoreNamed(parts, store) ?? firstStore(parts);
  if (own === undefined) throw new Error(`${parts.server} has no store to decide in`);
  await say(hands, { own, copy }, ({ blocked: _, ...rest }) => ({
    ...rest,
    ...(blocked === undefined ? {} : { blocked }),
  }));
  if (blocked !== undefined) return `${dataset} on ${store} is not made active: ${blocked}`;
  const bar = findActivationBar(
    { topology: parts.topology, decisions: hands.memory.decisions },
    copy,
  );
  const still = bar === undefined ? 'may be made active' : `is not made active still: ${bar.why}`;
  return `${dataset} on ${store} ${still}`;
}

/** Decides what was said of one copy; the next cycle acts by it, as after any restart. */
async function say(
  hands: Hands,
  { own, copy }: { readonly own: OwnStore; readonly copy: Copy },
  change: (known: CopyRecord) => CopyRecord,
): Promise<void> {
  const { parts, memory } = hands;
  const known = copyRecordOf(memory.decisions, copy);
  const generation = nextGeneration(known?.generation ?? noGeneration);
  const next = change({ ...known, kind: 'copy', ...copy, generation });
  const decided = await own.control.decide(next, known?.generation);
  if (!decided.isDone) refuse('staleGeneration', `somebody else decided on ${copy.store} just now`);
  await learnHere(parts, memory, [next]);
  await tellPartners(hands, next);
}

/** Who does not answer hears of it with the next report. */
export async function tellPartners({ parts }: Hands, next: Decision): Promise<void> {
  const ms = parts.topology.limits.peerTimeoutMs;
  await Promise.all(
    parts.partners.map((partner) =>
      withTimeout(parts.clock, { ms, what: partner.server }, () => partner.learn([next])).catch(
        () => {},
      ),
    ),
  );
}

async function seedAgain(hands: Hands, dataset: DatasetName, store: StoreName): Promise<string> {
  const found = await findCopy(hands, dataset, store);
  if (found.copy === undefined) return `${dataset} is not on ${store}: it is seeded by itself`;
  if (found.record?.active === store || found.copy.gate.isOpen) {
    refuse('wrongState', `${store} has the active copy of ${dataset}`);
  }
  return `${await setAside(hands, found, dataset)}; a fresh copy is seeded`;
}

async function verify(hands: Hands, dataset: DatasetName, store: StoreName): Promise<VerifyResult> {
  const { own, record, judgement } = await findCopy(hands, dataset, store);
  if (record === undefined) return refuse('unknownSubject', `nothing is decided of ${dataset}`);
  if (judgement.state !== 'healthy' && judgement.state !== 'catchingUp') {
    refuse('wrongState', `the copy on ${store} is ${judgement.state} (${judgement.why})`);
  }
  const { verifyFindingsMax, seedTimeoutMs } = hands.parts.topology.limits;
  const bounds = { findingsMax: verifyFindingsMax, timeoutMs: seedTimeoutMs };
  return await own.engine.verify({ dataset, record, ...bounds });
}
