import { asDataset, asDatasetId, asPool, asServer, asSite, asStore } from '../ids.ts';

/** The names that all builders use: two sites, each the other's backup. */
export const names = {
  east: asSite('east'),
  west: asSite('west'),
  eastServer: asServer('east-1'),
  westServer: asServer('west-1'),
  eastStore: asStore('east-store'),
  westStore: asStore('west-store'),
  eastPool: asPool('east'),
  westPool: asPool('west'),
  usersEast: asDataset('users-east'),
  usersWest: asDataset('users-west'),
  usersEastId: asDatasetId('019a0000-0000-7000-8000-00000000000e'),
  usersWestId: asDatasetId('019a0000-0000-7000-8000-00000000000f'),
} as const;
