import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTone } from './tone.ts';

export type BaresipSetup = {
  readonly folder: string;
  readonly name: string;
  readonly password: string;
  readonly domain: string;
  /** The server that the phone is set up with (its outbound proxy), as HOST:PORT. */
  readonly server: string;
  readonly sipPort: number;
  readonly controlPort: number;
  /** What this phone says. */
  readonly hertz: number;
};

/** Longer than any call of a test. */
const toneSeconds = 240;
/** Longer than any test: a phone that signs in again does so because a test wants it. */
const registrationSeconds = 3_600;

/** Writes what baresip reads at its start; what is heard goes to the same folder. */
export async function writeBaresipFiles(setup: BaresipSetup): Promise<void> {
  const { folder, hertz } = setup;
  await mkdir(folder, { recursive: true });
  await writeTone(join(folder, 'tone.wav'), hertz, toneSeconds);
  await writeFile(join(folder, 'config'), configOf(setup));
  await writeFile(join(folder, 'accounts'), `${accountOf(setup)}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'contacts'), '');
}

/** Debian's baresip 1.0: `sndfile` writes down what is heard while it is heard. */
function configOf({ folder, sipPort, controlPort }: BaresipSetup): string {
  return `${[
    `sip_listen 127.0.0.1:${sipPort}`,
    'net_interface 127.0.0.1',
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

function accountOf({ name, domain, password, server }: BaresipSetup): string {
  return [
    `<sip:${name}@${domain};transport=udp>`,
    `auth_pass=${password}`,
    `outbound="sip:${server};transport=udp"`,
    `regint=${registrationSeconds}`,
    'answermode=auto',
  ].join(';');
}
