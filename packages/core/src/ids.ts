// Branded names, so that two kinds never mix. A brand exists for the compiler only.

declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type SiteName = Brand<string, 'SiteName'>;
export type ServerName = Brand<string, 'ServerName'>;
export type StoreName = Brand<string, 'StoreName'>;
export type PoolName = Brand<string, 'PoolName'>;
export type DatasetName = Brand<string, 'DatasetName'>;
/** Given at birth and kept in every copy: a name can be reused, an id cannot (UUIDv7). */
export type DatasetId = Brand<string, 'DatasetId'>;
export type RoutingGroupName = Brand<string, 'RoutingGroupName'>;
export type RunId = Brand<string, 'RunId'>;

/** Asserts a kind of name at the edge where plain text enters (topology, API, database rows). */
export const asSite = (name: string): SiteName => name as SiteName;
export const asServer = (name: string): ServerName => name as ServerName;
export const asStore = (name: string): StoreName => name as StoreName;
export const asPool = (name: string): PoolName => name as PoolName;
export const asDataset = (name: string): DatasetName => name as DatasetName;
export const asDatasetId = (id: string): DatasetId => id as DatasetId;
export const asRoutingGroup = (name: string): RoutingGroupName => name as RoutingGroupName;
export const asRun = (id: string): RunId => id as RunId;
