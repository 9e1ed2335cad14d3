import {
  DeploymentError,
  NoAnswerError,
  OperatorApiError,
  TopologyMistakesError,
} from '@understudy/api';
import { counted, type Finding } from '@understudy/core';
import { type ExitCode, exitCode } from './exit-code.ts';
import { RefusedError } from './refused-error.ts';
import { UsageError } from './usage-error.ts';

/** An error as people read it, as scripts read it, and what the process exits with. */
export type ShownError = {
  readonly exit: ExitCode;
  readonly lines: readonly string[];
  readonly json: unknown;
};

/** Puts any error into words: what, where, what to do. Undefined: a mistake of ours. */
export function showError(error: unknown): ShownError | undefined {
  if (error instanceof RefusedError) return showRefusal(error);
  if (error instanceof OperatorApiError) return showApiError(error);
  if (error instanceof NoAnswerError) return showNoAnswer(error);
  if (error instanceof DeploymentError) {
    return shown(exitCode.failed, {
      code: error.code,
      what: error.message.slice(0, error.message.indexOf(` (${error.where})`)),
      where: error.where,
      todo: error.todo,
    });
  }
  if (error instanceof TopologyMistakesError) return showTopologyMistakes(error);
  if (error instanceof UsageError) {
    const json = { error: { code: 'wrongUsage', what: error.message, todo: 'see --help' } };
    return { exit: exitCode.wrongUsage, lines: [`error: ${error.message}`], json };
  }
  return undefined;
}

type Words = {
  readonly code: string;
  readonly what: string;
  readonly where?: string;
  readonly todo: string;
};

function shown(exit: ExitCode, error: Words) {
  const where = error.where === undefined ? [] : [`  where: ${error.where}`];
  return {
    exit,
    lines: [`error: ${error.what}`, ...where, `  do: ${error.todo}`],
    json: { error },
  };
}

function showTopologyMistakes({ message, fileName, mistakes }: TopologyMistakesError): ShownError {
  const { json } = shown(exitCode.failed, {
    code: 'topologyMistakes',
    what: `the topology file has ${counted(mistakes.length, 'mistake')}`,
    where: fileName,
    todo: 'correct them; nothing was started',
  });
  // Lines of nothing but places: editors and terminals jump to them.
  return { exit: exitCode.failed, lines: message.split('\n'), json: { ...json, mistakes } };
}

function showRefusal(error: RefusedError): ShownError {
  const { message: what, findings, todo, facts } = error;
  return {
    exit: isUnknownName(findings) ? exitCode.wrongUsage : exitCode.refused,
    lines: [`refused: ${what}`, ...findingLines(findings), ...todo.map((each) => `  do: ${each}`)],
    json: { error: { code: 'refused', what, todo: todo.join('; ') }, refusals: findings, ...facts },
  };
}

/** A name that is not there is a wrong word, not a rule that forbids. */
function isUnknownName(findings: readonly Finding[]): boolean {
  const refusals = findings.filter(({ severity }) => severity === 'refusal');
  const unknown = ['unknownPool', 'unknownDataset'];
  return refusals.length > 0 && refusals.every(({ code }) => unknown.includes(code));
}

/** Findings as lines, refusals first. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const refusals = findings.filter(({ severity }) => severity === 'refusal');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  return [
    ...refusals.map(({ code, why }) => `  refused  ${code}: ${why}`),
    ...warnings.map(({ code, why }) => `  warning  ${code}: ${why}`),
  ];
}

function showApiError(error: OperatorApiError): ShownError {
  const { refusals } = error;
  const exit = exitOf(error);
  const base = shown(exit, error.answer.error);
  const [plain = '', ...rest] = base.lines;
  const isSaid = refusals.length === 1 && refusals[0]?.why === error.message;
  const code = isSaid ? ` (${refusals[0]?.code})` : '';
  const head = exit === exitCode.refused ? `refused: ${error.message}${code}` : plain;
  const findings = isSaid ? [] : findingLines(refusals);
  return { exit, lines: [head, ...findings, ...rest], json: error.answer };
}

function exitOf({ status }: OperatorApiError): ExitCode {
  if (status === 409) return exitCode.refused;
  return status === 400 || status === 404 ? exitCode.wrongUsage : exitCode.failed;
}

function showNoAnswer(error: NoAnswerError): ShownError {
  const tried = error.tried.map(({ url, why }) => `${url} (${why})`).join(', ');
  if (error.mayHaveBeenDone) {
    return shown(exitCode.failed, {
      code: 'answerLost',
      what: 'the request was sent and its answer was lost, so it may have been done',
      where: tried,
      todo: 'look with `understudy status` and `understudy run list` before you repeat it',
    });
  }
  if (error.isSentOn) {
    return shown(exitCode.failed, {
      code: 'noAnswer',
      what: 'the agent that has to do this does not answer; another one, which does, sent it there',
      where: tried,
      todo: 'start it with `understudy up`; `understudy status` says what it is needed for',
    });
  }
  return shown(exitCode.failed, {
    code: 'noAnswer',
    what: 'no agent of this deployment answers',
    where: tried,
    todo: 'start it with `understudy up`, or name its folder with --data DIR',
  });
}
