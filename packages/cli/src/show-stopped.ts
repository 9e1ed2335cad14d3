import { NoAnswerError } from '@understudy/api';
import { exitCode } from './exit-code.ts';
import { showError, type ShownError } from './show-error.ts';

/** What a command says that was ended by Ctrl-C or SIGTERM: what goes on without it. */
export function showStopped(error: unknown, signal: AbortSignal): ShownError | undefined {
  if (!(error instanceof NoAnswerError)) return showError(error);
  const by = stopWords(signal) ?? 'stopped';
  const { what, todo } = error.mayHaveBeenDone ? goesOn : nothingDone;
  return {
    exit: exitCode.failed,
    lines: [`${by}: ${what}`, `  do: ${todo}`],
    json: { error: { code: 'stopped', what: `${by}: ${what}`, todo } },
  };
}

/** `stopped by SIGINT`; undefined when it was not. */
export function stopWords(signal: AbortSignal): string | undefined {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason.message : undefined;
}

const goesOn = {
  what: 'the request was sent, and its agent goes on with it without this command',
  todo:
    'look with `understudy run list` for runs, `understudy dataset show DATASET` for copies and ' +
    'comparisons, before you repeat it',
};
const nothingDone = { what: 'nothing was changed by it', todo: 'repeat it when you like' };
