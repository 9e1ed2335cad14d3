import { asPool } from '@understudy/core';
import { type Sites, waitWell } from '../sites/open-sites.ts';
import { runCommand } from '../sites/run-command.ts';
import { waitFor } from '../sites/wait-for.ts';

/** What an operator types, in the reference document's names, and why. */
const failover = ['Invoke-CsPoolFailOver', '-PoolFqdn', 'east.example.test', '-Verbose'];
const failback = ['Invoke-CsPoolFailBack', '-PoolFqdn', 'east.example.test', '-Verbose'];
const registrar = ['-Identity', 'service:Registrar:east.example.test'];
const byHand = ['Set-CsRegistrarConfiguration', ...registrar, '-PoolState', 'FailedOver'];
const show = ['Get-CsRegistrarConfiguration', ...registrar];
const list = ['Get-CsWindowsService', '-ComputerName', 'east-1'];
const stop = ['Stop-CsWindowsService', '-LeaveClsAgentRunning', '-ComputerName', 'east-1'];
const start = ['Start-CsWindowsService', '-ComputerName', 'east-1'];

const byStep = {
  before: [['Get-CsBackupServiceStatus'], show],
  failover: [failover, show],
  restarted: [list, stop, list, start, list, show],
  failback: [failback, show],
  byHand: [byHand, show],
} as const;
export type StepName = keyof typeof byStep;
/** In the order in which they are played. */
export const stepNames = Object.keys(byStep) as readonly StepName[];

/** Plays one step of the transcript; each command has to end well. */
export async function playStep(sites: Sites, step: StepName): Promise<readonly string[]> {
  await waitReady(sites, step);
  const lines: string[] = [];
  for (const words of byStep[step]) {
    const { dataDir } = sites.paths;
    const said = await runCommand(...words, '--data', dataDir);
    const shown = `${said.err}${said.out}`.replaceAll(` --data ${dataDir}`, '').trimEnd();
    if (said.exit !== 0) throw new Error(`${words.join(' ')} ended with ${said.exit}: ${shown}`);
    lines.push(`$ understudy ${words.join(' ')}`, ...shown.split('\n'), '');
  }
  return lines;
}

/** An operator looks first: a move begins when its plan says nothing against it. */
async function waitReady(sites: Sites, step: StepName): Promise<void> {
  await waitWell(sites);
  if (step === 'restarted') return;
  const runbook = step === 'failback' ? 'pool-failback' : 'pool-failover';
  await waitFor(`that nothing speaks against a ${runbook}`, async () => {
    const { findings } = await sites.client.plan({
      runbook,
      pool: asPool('east'),
      mode: 'planned',
      isPartnerOff: false,
    });
    if (findings.length > 0) throw new Error(findings.map(({ why }) => why).join('; '));
    return true;
  });
}
