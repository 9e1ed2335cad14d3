import {
  asDatasetId,
  asGeneration,
  asStore,
  type DatasetId,
  type VoteRecord,
} from '@understudy/core';

// The records that the voters' suite writes: each case has datasets of its own.

export function datasetOf(number: number): DatasetId {
  return asDatasetId(`01990000-0000-7000-8000-${String(number).padStart(12, '0')}`);
}

export function aRecord(number: number, changes: Partial<VoteRecord> = {}): VoteRecord {
  return {
    dataset: datasetOf(number),
    generation: asGeneration(7),
    holder: asStore('east-store'),
    leaseMs: 6_000,
    renewals: 1,
    isReleased: false,
    tried: asGeneration(7),
    ...changes,
  };
}
