import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { runProgram } from './run-program.ts';

// Networks of a test's own: each site and the witness in a network namespace, joined by a bridge in
// the namespace that the runner gave this process (`npm run test:partition`). A namespace ends with
// its last process, and what holds one open ends with this test: nothing has to be cleaned up, also
// not after a kill. Each place counts its time since boot from another beginning.

export const places = ['east', 'west', 'witness'] as const;
export type Place = (typeof places)[number];

/** What one place sends does not arrive at the other. */
export type Cut = readonly [from: Place, to: Place];

export type Network = AsyncDisposable & {
  addressOf(place: Place): string;
  /** Words to put before a command so that it runs at that place. */
  within(place: Place): readonly string[];
  /** From now on these are cut, and no others. Whoever is at no place reaches everybody. */
  cut(...cuts: readonly Cut[]): Promise<void>;
  /**
   * What is begun at a place from now on counts its time since boot from another beginning, as
   * after a start of the machine: it was booted so many seconds before this one.
   */
  reboot(place: Place, bootedSecondsAgo: number): Promise<void>;
};

const prefix = '10.77.0';
const bridge = 'understudy';
const addressOf = (place: Place): string => `${prefix}.${places.indexOf(place) + 1}`;
const testAddress = `${prefix}.254`;
/** Days, so that no two clocks could ever be compared unnoticed. */
const bootedSecondsAgo = { east: 900_000, west: 0, witness: 3_600_000 } as const;

export const needed =
  'partition tests make networks: they want `ip` (apt install iproute2), `nft` (apt install ' +
  'nftables), `openssl`, and root or a user who may make namespaces';

export async function openNetwork(): Promise<Network> {
  const holders = new Map<Place, Holder>();
  try {
    await layBridge();
    for (const place of places) {
      holders.set(place, await hold(['unshare', '--net'], bootedSecondsAgo[place]));
    }
    for (const place of places) await join(place, holderOf(holders, place));
  } catch (error) {
    for (const { child } of holders.values()) child.kill('SIGKILL');
    throw error;
  }
  const within = (place: Place): readonly string[] => wordsWithin(holderOf(holders, place));
  return {
    addressOf,
    within,
    async cut(...cuts) {
      for (const place of places) {
        const sources = cuts.filter(([, to]) => to === place).map(([from]) => addressOf(from));
        await runProgram([...within(place), 'nft', '-f', '-'], { input: dropping(sources) });
      }
    },
    async reboot(place, bootedAgo) {
      const before = holderOf(holders, place);
      const within = ['nsenter', `--target=${before.pid}`, '--net', '--', 'unshare'];
      holders.set(place, await hold(within, bootedAgo));
      before.child.kill('SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of holders.values()) child.kill('SIGKILL');
      await runProgram(['ip', 'link', 'delete', bridge]);
    },
  };
}

/** A process that does nothing in a place; with its end of input, so with this process, it ends. */
type Holder = { readonly child: ChildProcess; readonly pid: number };

async function layBridge(): Promise<void> {
  const lines = [
    'link set lo up',
    `link add ${bridge} type bridge`,
    `address add ${testAddress}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  await runProgram(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` }).catch(
    (error: unknown) => {
      throw new Error(`${needed}: ${error instanceof Error ? error.message : String(error)}`);
    },
  );
}

async function hold(within: readonly string[], bootedAgo: number): Promise<Holder> {
  const boot = `--boottime=${bootedAgo}`;
  const words = [...within, '--time', boot, '--fork', '--kill-child', 'sh', '-c'];
  const child = spawn(`${words[0]}`, [...words.slice(1), 'echo $$; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`unshare ended: ${code}`))),
  ])) as [Buffer];
  return { child, pid: Number(said.toString()) };
}

function wordsWithin({ pid }: Holder): readonly string[] {
  return ['nsenter', `--target=${pid}`, '--net', '--time', '--'];
}

/** A cable from the bridge to a place. */
async function join(place: Place, holder: Holder): Promise<void> {
  const here = [
    `link add ${place} type veth peer name uplink netns ${holder.pid}`,
    `link set ${place} master ${bridge} up`,
  ];
  const there = [
    'link set lo up',
    `address add ${addressOf(place)}/24 dev uplink`,
    'link set uplink up',
  ];
  await runProgram(['ip', '-batch', '-'], { input: `${here.join('\n')}\n` });
  await runProgram([...wordsWithin(holder), 'ip', '-batch', '-'], {
    input: `${there.join('\n')}\n`,
  });
}

/** The whole of a place's rules, replaced in one act. */
function dropping(sources: readonly string[]): string {
  const rules = sources.map((source) => `ip saddr ${source} drop`).join('\n    ');
  return `table inet cuts
delete table inet cuts
table inet cuts {
  chain arriving {
    type filter hook input priority 0; policy accept;
    ${rules}
  }
}
`;
}

function holderOf(holders: ReadonlyMap<Place, Holder>, place: Place): Holder {
  const holder = holders.get(place);
  if (holder === undefined) throw new Error(`nothing holds ${place} open`);
  return holder;
}
