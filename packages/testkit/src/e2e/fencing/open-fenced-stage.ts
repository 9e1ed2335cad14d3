import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultTopologyText, parseTopologyFile } from '@understudy/api';
import { KillStage } from '../kill/stage.ts';
import { withoutVotes } from '../sites/without-votes.ts';

/** Longer than a run takes: nothing but fencing ends what a stalled agent has mounted. */
const leaseMs = 120_000;
const program = fileURLToPath(new URL('power-switch.js', import.meta.url));

/** Two sites without a witness, each behind a power switch that the other can reach. */
export type FencedStage = AsyncDisposable & {
  readonly stage: KillStage;
  /** What the switch was used for, a line each. */
  readonly uses: () => Promise<readonly string[]>;
  readonly breakSwitch: () => Promise<void>;
  readonly mendSwitch: () => Promise<void>;
};

export async function openFencedStage(): Promise<FencedStage> {
  const folder = await mkdtemp(join(tmpdir(), `understudy-switch-${process.pid}-`));
  await chmod(folder, 0o755);
  try {
    const topologyText = textWith(folder);
    const stage = await KillStage.open({
      topologyText,
      beforeAgents: ({ dataDir }) => writeMachines(folder, { dataDir, topologyText }),
    });
    return {
      stage,
      uses: async () => {
        const text = await readFile(`${folder}/used.log`, 'utf8').catch(() => '');
        return text.split('\n').filter((line) => line !== '');
      },
      breakSwitch: () => writeFile(`${folder}/is-broken`, ''),
      mendSwitch: () => rm(`${folder}/is-broken`),
      [Symbol.asyncDispose]: async () => {
        await stage.close();
        await rm(folder, { recursive: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

function textWith(folder: string): string {
  const command = JSON.stringify([process.execPath, program, folder]);
  const proof = `command: ${command}, timeoutMs: 60000, expect: "power of * is off"`;
  const fencing = `    fencing: { ${proof} }`;
  const text = withoutVotes(defaultTopologyText()).replace(
    /^sites:\n {2}- name: east\n {2}- name: west\n/m,
    (sites) => sites.replaceAll(/name: .*\n/g, (name) => `${name}${fencing}\n`),
  );
  return `${text}limits:\n  leaseMs: ${leaseMs}\n`;
}

async function writeMachines(
  folder: string,
  { dataDir, topologyText }: { readonly dataDir: string; readonly topologyText: string },
): Promise<void> {
  const { topology } = parseTopologyFile(topologyText, 'the test topology');
  const stores = (topology?.servers ?? []).map(({ name }) => {
    const own = topology?.stores.filter(({ server }) => server === name) ?? [];
    return [name, own.map((store) => store.name)] as const;
  });
  const machines = { dataDir, stores: Object.fromEntries(stores) };
  await writeFile(`${folder}/machines.json`, JSON.stringify(machines));
}
