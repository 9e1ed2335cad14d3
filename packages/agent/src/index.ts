export * from './agent-parts.ts';
export * from './create-agent.ts';
export * from './lead/leading.ts';
export * from './peer/create-peer-client.ts';
export * from './peer/pre-shared-key.ts';
export * from './serve/create-peer-app.ts';
export * from './serve/listen.ts';
export * from './supervise/stand-in-mount-right.ts';
