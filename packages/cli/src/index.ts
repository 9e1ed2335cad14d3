export * from './build-program.ts';
export * from './cli-context.ts';
export * from './cli-world.ts';
export * from './exit-code.ts';
export * from './process-world.ts';
export * from './run-cli.ts';
export * from './show-error.ts';
