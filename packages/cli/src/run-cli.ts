import { CommanderError } from 'commander';
import type { CliFrame } from './cli-context.ts';
import type { CliWorld } from './cli-world.ts';
import { buildProgram } from './build-program.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { translateOriginal } from './originals/translate-original.ts';
import { showStopped } from './show-stopped.ts';
import { showError } from './show-error.ts';

/** Runs one command line (without node and script) and resolves with its exit code. */
export async function runCli(words: readonly string[], world: CliWorld): Promise<number> {
  const isJson = words.includes('--json');
  try {
    const meant = translateOriginal(words);
    if (meant !== words) world.stderr.write(`${words[0]} means: understudy ${meant.join(' ')}\n`);
    const drill = meant.indexOf('drill');
    if (drill >= 0 && meant.slice(0, drill).every((word) => word.startsWith('-'))) {
      // Its words are its own process's to judge (decisions/0021).
      return await world.deployment.drill(meant.toSpliced(drill, 1));
    }
    return await runCommand(meant, world);
  } catch (error) {
    return report(error, { world, isJson });
  }
}

async function runCommand(words: readonly string[], world: CliWorld): Promise<ExitCode> {
  const frame: CliFrame = { world, exit: exitCode.done };
  await buildProgram(frame).parseAsync(words, { from: 'user' });
  return frame.exit;
}

function report(error: unknown, to: { readonly world: CliWorld; readonly isJson: boolean }) {
  const { world, isJson } = to;
  // Commander has printed its own words already; help and version end with code 0.
  if (error instanceof CommanderError) {
    if (isJson && error.exitCode !== 0) {
      const what = error.message.replace(/^error: /, '');
      writeJson(world, { error: { code: 'wrongUsage', what, todo: 'see --help' } });
    }
    return error.exitCode === 0 ? exitCode.done : exitCode.wrongUsage;
  }
  const shown = world.signal.aborted ? showStopped(error, world.signal) : showError(error);
  if (shown === undefined) {
    const what = error instanceof Error ? error.message : String(error);
    world.stderr.write(`error: ${what}\n`);
    if (isJson) writeJson(world, { error: { code: 'failed', what, todo: 'see the words' } });
    return exitCode.failed;
  }
  for (const line of shown.lines) world.stderr.write(`${line}\n`);
  if (isJson) writeJson(world, shown.json);
  return shown.exit;
}

function writeJson(world: CliWorld, document: unknown): void {
  world.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
