import { processWorld, runCli } from '@understudy/cli';
import { runDrill } from './drill.ts';
import { down } from './up/down.ts';
import { up } from './up/up.ts';

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const world = processWorld(
  {
    up: (options) => up(options, { say, signal: stopping.signal }),
    down: (options) => down(options, { say }),
    drill: (words) => runDrill(words, stopping.signal),
  },
  stopping.signal,
);

process.exitCode = await runCli(process.argv.slice(2), world);
