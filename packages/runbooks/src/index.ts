export * from './catalogue.ts';
export * from './dataset-move/dataset-move.ts';
export * from './pool-failback/pool-failback.ts';
export * from './pool-failover/pool-failover.ts';
export * from './site-return/site-return.ts';
