export * from './sim/run-seed.ts';
export * from './sim/run-seeds.ts';
