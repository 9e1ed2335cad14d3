import { processWorld, runCli } from '@understudy/cli';
import { runDrill } from './drill.ts';
import { down } from './up/down.ts';
import { up } from './up/up.ts';

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}

/** What goes on for as long as `up` does is a JSON object on each line, for scripts. */
const sayer =
  ({ isJson = false }: { readonly isJson?: boolean }) =>
  (line: string): void => {
    process.stdout.write(`${isJson ? JSON.stringify({ said: line }) : line}\n`);
  };

const world = processWorld(
  {
    up: (options) => up(options, { say: sayer(options), signal: stopping.signal }),
    down: (options) => down(options, { say: sayer(options) }),
    drill: (words) => runDrill(words, stopping.signal),
  },
  stopping.signal,
);

process.exitCode = await runCli(process.argv.slice(2), world);
