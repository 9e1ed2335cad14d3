export * from './a-vote.ts';
export * from './a-copy.ts';
export * from './a-topology.ts';
export * from './an-inventory.ts';
export * from './names.ts';
export * from './lease-history.ts';
