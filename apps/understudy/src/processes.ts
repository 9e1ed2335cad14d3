import { fileURLToPath } from 'node:url';

// The processes that this one starts. Each is an app beside this one, built with it.

export const agentProgram = fileURLToPath(new URL('../../agent/build/main.js', import.meta.url));
export const drillProgram = fileURLToPath(new URL('../../drill/build/main.js', import.meta.url));
