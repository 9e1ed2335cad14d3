// `up` as a process of its own, with the fake agent, so that a test can end it by SIGKILL.
import { fileURLToPath } from 'node:url';
import { up } from '../up/up.ts';
import { keepFakeWitness } from './fake-witness.ts';

const [, , data = ''] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

process.exitCode = await up(
  { data, isInit: false },
  {
    say: (line) => process.stdout.write(`${line}\n`),
    signal: stop.signal,
    keepWitness: keepFakeWitness,
    agentProgram: fileURLToPath(new URL('./fake-agent.js', import.meta.url)),
  },
);
