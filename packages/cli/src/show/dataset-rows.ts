import type { DeploymentStatus } from '@understudy/api';
import {
  counted,
  activeRecordOf,
  type CopyReport,
  copyRecordOf,
  type DatasetName,
  type LossQuote,
  showGeneration,
  type StoreName,
  type SyncReport,
} from '@understudy/core';
import { unheard } from './pool-rows.ts';
import { pascal, showDuration, showLag } from './amounts.ts';

type Dataset = DeploymentStatus['topology']['datasets'][number];

/** A line per copy: its state, generation, lag, when it was verified, what forcing would cost. */
export function datasetRows(
  status: DeploymentStatus,
  nowMs: number,
): readonly (readonly string[])[] {
  const head = ['DATASET', 'COPY', 'STATE', 'GENERATION', 'LAG', 'VERIFIED', 'IF FORCED NOW'];
  const rows = status.topology.datasets.flatMap((dataset) =>
    dataset.copies.map(({ store }, at) => [
      at === 0 ? dataset.name : '',
      ...copyCells(status, { dataset: dataset.name, store }, nowMs),
    ]),
  );
  return [head, ...rows];
}

type Copy = { readonly dataset: DatasetName; readonly store: StoreName };

function copyCells(status: DeploymentStatus, copy: Copy, nowMs: number): readonly string[] {
  const report = findCopy(status, copy);
  const isActive = activeRecordOf(status.decisions, copy.dataset)?.active === copy.store;
  const name = `${copy.store}${isActive ? ' (active)' : ''}`;
  if (report === undefined) return [name, silenceOf(status, copy.store), '-', '-', '-', '-'];
  return [
    name,
    [
      pascal(report.state),
      ...syncWords(status, copy),
      ...(isBarred(status, copy) ? ['not to be activated'] : []),
    ].join(', '),
    showGeneration(report.generationSeen),
    isActive ? '-' : showLag(report.lag),
    isActive ? '-' : showVerified(report, nowMs),
    showQuote(quoteOf(status, copy)),
  ];
}

/** An operator, the topology or its server's maximum keeps it from being made active. */
function isBarred(status: DeploymentStatus, { dataset, store }: Copy): boolean {
  const choice = status.choices.find((each) => each.dataset === dataset);
  const reason = choice?.notChosen.find((each) => each.store === store)?.reason;
  return reason === 'activationBlocked' || reason === 'serverAtMaximum';
}

/** What the active copy says of its synchronous one: of that one here, if it is this copy. */
function syncOf(status: DeploymentStatus, { dataset, store }: Copy): SyncReport | undefined {
  return status.agents
    .flatMap(({ copies }) => copies)
    .filter((copy) => copy.dataset === dataset)
    .flatMap(({ sync }) => sync ?? [])
    .find((sync) => sync.copy === store);
}

function syncWords(status: DeploymentStatus, copy: Copy): readonly string[] {
  const sync = syncOf(status, copy);
  if (sync === undefined) return [];
  return [sync.isInSync ? 'in sync' : 'not in sync'];
}

/** The report of one copy, when its agent answered. */
export function findCopy(status: DeploymentStatus, copy: Copy): CopyReport | undefined {
  return status.agents
    .flatMap(({ copies }) => copies)
    .find(({ dataset, store }) => dataset === copy.dataset && store === copy.store);
}

function quoteOf(status: DeploymentStatus, copy: Copy): LossQuote | undefined {
  return status.quotes.find((quote) => quote.dataset === copy.dataset && quote.copy === copy.store);
}

/** A quote in the width of a column; `dataset show` has it in a sentence. */
function showQuote(quote: LossQuote | undefined): string {
  if (quote === undefined) return '-';
  const { ageMs, knownMissing, mayBeMissing, limit, isWithinLimit, ifOff } = quote;
  if (quote.isInSync) return `in sync, nothing missing: within ${showLossLimit(limit)}`;
  const more = mayBeMissing === undefined ? 'no bound' : `up to ${mayBeMissing} more`;
  const judge = (isWithin: boolean) => `${isWithin ? 'within' : 'beyond'} ${showLossLimit(limit)}`;
  const age = showDuration(ageMs);
  const now = `${age} old, ${knownMissing} missing, ${more}: ${judge(isWithinLimit)}`;
  if (ifOff === undefined) return now;
  const writes = knownMissing + ifOff.mayBeMissing;
  const lost = `about ${counted(writes, 'write')}`;
  return `${now}; if the other side is off: ${lost}: ${judge(ifOff.isWithinLimit)}`;
}

/** No report of a copy: its agent is silent, its store is down, or nothing is there yet. */
function silenceOf(status: DeploymentStatus, store: StoreName): string {
  const server = status.topology.stores.find(({ name }) => name === store)?.server;
  if (status.silent.some((each) => each.server === server)) return 'unknown: agent silent';
  const reports = status.agents.flatMap(({ stores }) => stores);
  const isUp = reports.some((each) => each.store === store && each.isUp);
  return isUp ? 'absent' : 'unknown: store down';
}

function showVerified({ verified }: CopyReport, nowMs: number): string {
  if (verified === undefined) return 'never since seeded';
  const ago = showDuration(Math.max(0, nowMs - verified.atMs));
  const { length } = verified.differences;
  return length === 0 ? `same, ${ago} ago` : `${counted(length, 'difference')}, ${ago} ago`;
}

/** One dataset in full. */
export function datasetLines(
  status: DeploymentStatus,
  dataset: Dataset,
  nowMs: number,
): readonly string[] {
  const record = activeRecordOf(status.decisions, dataset.name);
  return [
    `dataset ${dataset.name}`,
    `  pool          ${dataset.pool}`,
    `  loss limit    ${showLossLimit(dataset.lossLimit)}`,
    `  active        ${record?.active ?? (unheard(status) === undefined ? 'not born' : 'unknown')}`,
    `  generation    ${record === undefined ? '-' : showGeneration(record.generation)}`,
    ...choiceLines(status, dataset),
    ...(record?.dismounted === undefined ? [] : [`  dismounted    ${record.dismounted}`]),
    ...dataset.copies.flatMap(({ store, preference }) => [
      `  copy ${store}, preference ${preference}`,
      ...copyLines(status, { dataset: dataset.name, store }, nowMs).map((each) => `    ${each}`),
    ]),
  ];
}

function choiceLines(status: DeploymentStatus, dataset: Dataset): readonly string[] {
  const choice = status.choices.find((each) => each.dataset === dataset.name);
  if (choice === undefined) return [];
  const how = choice.mode === 'planned' ? 'as planned' : 'by force';
  return [`  next active   ${choice.chosen ?? 'none'}, ${how}: ${choice.why}`];
}

/** What keeps a copy from being the next active one. */
function whyNotNext(status: DeploymentStatus, { dataset, store }: Copy): readonly string[] {
  const blocked = copyRecordOf(status.decisions, { dataset, store })?.blocked;
  const choice = status.choices.find((each) => each.dataset === dataset);
  const not = choice?.notChosen.find((each) => each.store === store);
  if (not?.reason !== 'active') return not === undefined ? [] : [`not next active: ${not.why}`];
  return blocked === undefined ? [] : [`once it is passive it is not made active: ${blocked}`];
}

function copyLines(status: DeploymentStatus, copy: Copy, nowMs: number): readonly string[] {
  const report = findCopy(status, copy);
  const not = whyNotNext(status, copy);
  if (report === undefined) return [silenceOf(status, copy.store), ...not];
  const quote = quoteOf(status, copy);
  return [
    `${pascal(report.state)}: ${report.why}`,
    ...(report.state === 'mounted'
      ? []
      : [`lag ${showLag(report.lag)}; verified: ${showVerified(report, nowMs)}`]),
    ...(report.following?.lastError === undefined
      ? []
      : [`last error: ${report.following.lastError}`]),
    ...(quote === undefined ? [] : [`if forced now: ${quote.why}`]),
    ...not,
    ...syncLines(status, copy, nowMs),
    ...report.slots.map(
      ({ link, isActive, isLost }) =>
        `slot for ${link.to} since generation ${showGeneration(link.since)}: ` +
        (isLost ? 'lost, its follower must be seeded again' : isActive ? 'in use' : 'standing'),
    ),
  ];
}

function syncLines(status: DeploymentStatus, copy: Copy, nowMs: number): readonly string[] {
  const sync = syncOf(status, copy);
  const [words] = syncWords(status, copy);
  if (sync === undefined || words === undefined) return [];
  return [`${words} for ${showDuration(Math.max(0, nowMs - sync.sinceMs))}: ${sync.why}`];
}

function showLossLimit(limit: Dataset['lossLimit']): string {
  return typeof limit === 'string' ? limit : showDuration(limit.maxAgeMs);
}
