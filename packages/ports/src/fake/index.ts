export * from './fake-vote-store.ts';
export * from './fake-control-store.ts';
export * from './fake-copy.ts';
export * from './fake-engine.ts';
export * from './fake-roles.ts';
export * from './fake-store.ts';
export * from './seeded-chance.ts';
export * from './simulated-clock.ts';
