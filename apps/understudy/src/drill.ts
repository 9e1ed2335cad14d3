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
  const [code] = (await once(drill, 'exit')) as [number | null];
  signal.removeEventListener('abort', pass);
  return code ?? 1;
}
