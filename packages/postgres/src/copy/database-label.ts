import { asDataset, asDatasetId, type DatasetId, type DatasetName } from '@understudy/core';

// A database that holds a copy says so in its comment (`COMMENT ON DATABASE`, kept in the shared
// catalog pg_shdescription), so that one look at the store finds all copies. It is written last:
// a database without it is one that was never finished.

export type CopyLabel = { readonly dataset: DatasetName; readonly id: DatasetId };

const copyPrefix = 'understudy copy ';
const setAsidePrefix = 'understudy set aside';
const takenBackWord = 'taken-back';

export type SetAsideLabel = {
  /** Absent in one that an earlier release wrote. */
  readonly dataset?: DatasetName;
  readonly salvage?: string;
  readonly isTakenBack: boolean;
};

export function writeSetAsideLabel(label: {
  readonly dataset: DatasetName;
  readonly salvage: string;
  readonly isTakenBack: boolean;
}): string {
  const { dataset, salvage, isTakenBack } = label;
  const words = [setAsidePrefix, dataset, salvage];
  return [...words, ...(isTakenBack ? [takenBackWord] : [])].join(' ');
}

/** What the comment says; undefined when the database was not set aside. */
export function readSetAsideLabel(comment: string | null): SetAsideLabel | undefined {
  if (comment === null || !comment.startsWith(setAsidePrefix)) return undefined;
  const [dataset, salvage, word] = comment.slice(setAsidePrefix.length).trim().split(' ');
  const isTakenBack = word === takenBackWord;
  if (!dataset || salvage === undefined) return { isTakenBack };
  return { dataset: asDataset(dataset), salvage, isTakenBack };
}

export function writeCopyLabel({ dataset, id }: CopyLabel): string {
  return `${copyPrefix}${dataset} ${id}`;
}

/** What the comment says; undefined when the database is no copy of ours. */
export function readCopyLabel(comment: string | null): CopyLabel | undefined {
  if (comment === null || !comment.startsWith(copyPrefix)) return undefined;
  const [dataset, id] = comment.slice(copyPrefix.length).split(' ');
  if (dataset === undefined || id === undefined) return undefined;
  return { dataset: asDataset(dataset), id: asDatasetId(id) };
}
