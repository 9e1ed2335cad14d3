export * from './a-copy.ts';
export * from './a-topology.ts';
export * from './an-inventory.ts';
export * from './names.ts';
