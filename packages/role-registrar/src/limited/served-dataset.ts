import type { MountedDataset } from '../data/mounted-dataset.ts';
import type { LimitedDataset } from './limited-dataset.ts';

/** What users are answered from: the pool's mount, or a copy in limited mode. */
export type ServedDataset = MountedDataset | LimitedDataset;
