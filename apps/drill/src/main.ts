import { writeFile } from 'node:fs/promises';
import {
  type DrillResult,
  findingLines,
  htmlReport,
  runDrill,
  type ScenarioResult,
  startDeployment,
  textReport,
  together,
  toDocument,
} from '@understudy/drill';
import { type Config, help, readConfig, UsageError } from './config.ts';
import { words } from './env.ts';

const exitCode = { done: 0, failed: 1, wrongUsage: 2 } as const;
/** A deployment that is only cut in two shows with few what it shows with many. */
const smallUsers = 20;
const smallWritesPerSecond = 50;

const stopping = new AbortController();
// Also when pressed again: only a drill that has tidied up may end.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    // Nobody reads it any more (`drill | head`): it ends, and tidies up.
    stopping.abort(new Error('stopped, for nobody reads its output any more'));
  });
}

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const config = readConfig(words);
    if (config === undefined) {
      print(help);
      return exitCode.done;
    }
    const result = await drill(config);
    await report(result, config);
    return result.verdict === 'pass' ? exitCode.done : exitCode.failed;
  } catch (error) {
    return refuse(error as Error);
  }
}

/** Scripts get a document in any case; people get words. */
function refuse(error: Error): number {
  const isUsage = error instanceof UsageError;
  const code = isUsage ? 'wrongUsage' : 'failed';
  const todo = isUsage ? 'see --help' : 'run it again with --verbose --keep: its logs are kept';
  complain(`error: ${error.message}\n  do: ${todo}`);
  if (words.includes('--json'))
    print(JSON.stringify({ error: { code, what: error.message, todo } }));
  return isUsage ? exitCode.wrongUsage : exitCode.failed;
}

/** With voters through everything; then a small deployment without any is cut in two. */
async function drill(config: Config): Promise<DrillResult> {
  const voted = await drillOn(config, true);
  if (voted.verdict === 'fail') return voted;
  const { dataDir, users, writesPerSecond } = config;
  const small = {
    ...config,
    users: Math.min(users, smallUsers),
    writesPerSecond: Math.min(writesPerSecond, smallWritesPerSecond),
    dataDir: dataDir === undefined ? undefined : `${dataDir}-without-witness`,
  };
  return together(voted, await drillOn(small, false));
}

async function drillOn(config: Config, isVoted: boolean): Promise<DrillResult> {
  const { users, writesPerSecond, cliPath, dataDir, isKept, isJson, isVerbose } = config;
  const { signal } = stopping;
  const say = (line: string) => (isJson ? undefined : print(line));
  const tell = (line: string) => (isVerbose ? say(`    ${line}`) : undefined);
  say(isVoted ? 'bringing two sites and a witness up' : 'bringing two sites up, without a witness');
  await using deployment = await startDeployment({
    cliPath,
    isVoted,
    isCuttable: true,
    isKept,
    signal,
    say,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const onScenario = (result: ScenarioResult) => {
    say(`${result.name}: ${result.verdict}`);
    for (const line of findingLines(result)) complain(line);
  };
  return await runDrill(deployment, { users, writesPerSecond, say, tell, onScenario, signal });
}

async function report(result: DrillResult, { isJson, reportFile }: Config): Promise<void> {
  if (reportFile !== undefined) await writeFile(reportFile, htmlReport(result));
  if (isJson) print(JSON.stringify(toDocument(result)));
  else for (const line of ['', ...textReport(result)]) print(line);
  if (reportFile !== undefined && !isJson) print(`report: ${reportFile}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
