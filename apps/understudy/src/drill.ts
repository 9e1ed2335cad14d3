import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { drillProgram } from './processes.ts';

/** Runs the drill's own process with these words; its exit code is ours (decisions/0021). */
export async function runDrill(words: readonly string[], signal: AbortSignal): Promise<number> {
  const drill = spawn(process.execPath, [drillProgram, ...words], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the drill by itself; a SIGTERM to us has to be passed on.
  const pass = (): void => {
    drill.kill('SIGTERM');
  };
  signal.addEventListener('abort', pass, { once: true });
  const [code, killedBy] = (await once(drill, 'exit')) as [number | null, string | null];
  signal.removeEventListener('abort', pass);
  if (killedBy !== null) {
    const todo = 'the next `understudy drill` sweeps what it has left running';
    process.stderr.write(`error: the drill was ended by ${killedBy}\n  do: ${todo}\n`);
  }
  return code ?? 1;
}
