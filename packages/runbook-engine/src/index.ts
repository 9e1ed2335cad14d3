export * from './create-runner.ts';
export * from './plan-hash.ts';
export * from './run-error.ts';
export * from './run-ports.ts';
export * from './runbook.ts';
export * from './runner-contract.ts';
export * from './step.ts';
