import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTone } from './tone.ts';

export type BaresipSetup = {
  readonly folder: string;
  readonly name: string;
  readonly password: string;
  readonly domain: string;
  /** What the phone is set up with (its outbound proxy): HOST:PORT, or a name that has records. */
  readonly server: string;
  readonly transport?: 'udp' | 'tcp';
  /** The name server that it asks, as HOST:PORT. */
  readonly names?: string;
  /** How long it signs in for, in seconds; by default for longer than any test. */
  readonly registrationSeconds?: number;
  readonly sipPort: number;
  readonly controlPort: number;
  /** Whom it writes to. */
  readonly peer?: string;
  /** What this phone says. */
  readonly hertz: number;
};

/** Longer than any call of a test. */
const toneSeconds = 240;
/** Longer than any test: a phone that signs in again does so because a test wants it. */
const registrationSecondsMax = 3_600;

/** Writes what baresip reads at its start; what is heard goes to the same folder. */
export async function writeBaresipFiles(setup: BaresipSetup): Promise<void> {
  const { folder, hertz } = setup;
  await mkdir(folder, { recursive: true });
  await writeTone(join(folder, 'tone.wav'), hertz, toneSeconds);
  await writeFile(join(folder, 'config'), configOf(setup));
  await writeFile(join(folder, 'accounts'), `${accountOf(setup)}\n`, { mode: 0o600 });
  const { peer, domain } = setup;
  const contacts = peer === undefined ? '' : `"${peer}" <sip:${peer}@${domain}>\n`;
  await writeFile(join(folder, 'contacts'), contacts);
}

/** Debian's baresip 1.0: `sndfile` writes down what is heard while it is heard. */
function configOf({ folder, sipPort, controlPort, names }: BaresipSetup): string {
  return `${[
    `sip_listen 127.0.0.1:${sipPort}`,
    'net_interface 127.0.0.1',
    ...(names === undefined ? [] : [`dns_server ${names}`]),
    'audio_player none,none',
    `audio_source aufile,${join(folder, 'tone.wav')}`,
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'module_path /usr/lib/baresip/modules',
    'module g711.so',
    'module sndfile.so',
    `snd_path ${folder}`,
    'module aufile.so',
    'module_app account.so',
    'module_app contact.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
  ].join('\n')}\n`;
}

function accountOf(setup: BaresipSetup): string {
  const { name, domain, password, server, transport = 'udp' } = setup;
  return [
    `<sip:${name}@${domain};transport=${transport}>`,
    `auth_pass=${password}`,
    `outbound="sip:${server};transport=${transport}"`,
    `regint=${setup.registrationSeconds ?? registrationSecondsMax}`,
    'answermode=auto',
  ].join(';');
}
