export * from './system-chance.ts';
export * from './system-clock.ts';
export * from './system-commands.ts';
