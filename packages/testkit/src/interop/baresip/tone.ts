import { readFile, writeFile } from 'node:fs/promises';

// Voice of these tests: one pure tone a phone, in 16 bits, mono, as telephones have it.

const sampleRate = 8_000;
const sampleBytes = 2;
const headerBytes = 44;
const loudness = 8_000;

/** Writes a WAV file with a tone. */
export async function writeTone(file: string, hertz: number, seconds: number): Promise<void> {
  const count = seconds * sampleRate;
  const bytes = Buffer.alloc(headerBytes + count * sampleBytes);
  writeHeader(bytes);
  for (let index = 0; index < count; index++) {
    const level = Math.sin((2 * Math.PI * hertz * index) / sampleRate);
    bytes.writeInt16LE(Math.round(loudness * level), headerBytes + index * sampleBytes);
  }
  await writeFile(file, bytes);
}

function writeHeader(bytes: Buffer): void {
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20); // PCM.
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * sampleBytes, 28);
  bytes.writeUInt16LE(sampleBytes, 32);
  bytes.writeUInt16LE(8 * sampleBytes, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - headerBytes, 40);
}

/** What a phone has heard. */
export type Voice = { readonly samples: Int16Array };

/** All that is in a WAV file so far; its header's lengths are written when the call ends. */
export async function readVoice(file: string): Promise<Voice> {
  const bytes = (await readFile(file)).subarray(headerBytes);
  const count = Math.floor(bytes.length / sampleBytes);
  const samples = Int16Array.from({ length: count }, (_, at) =>
    bytes.readInt16LE(at * sampleBytes),
  );
  return { samples };
}

export const secondsOf = ({ samples }: Voice): number => samples.length / sampleRate;

export function since({ samples }: Voice, seconds: number): Voice {
  return { samples: samples.subarray(Math.floor(seconds * sampleRate)) };
}

/** A tenth of a second: long enough to tell tones apart, short enough to find gaps. */
const windowSamples = 800;

/**
 * How much of the voice is the tone: the share of windows whose power lies in it, from 0 to 1. Its
 * last window may be short, and is left out.
 */
export function shareOfTone({ samples }: Voice, hertz: number): number {
  const count = Math.floor(samples.length / windowSamples);
  if (count === 0) return 0;
  const windows = Array.from({ length: count }, (_, index) =>
    samples.subarray(index * windowSamples, (index + 1) * windowSamples),
  );
  return windows.filter((window) => isTone(window, hertz)).length / count;
}

const shareMin = 0.8;
const powerMin = 1_000 ** 2;

function isTone(window: Int16Array, hertz: number): boolean {
  let [real, imaginary, power] = [0, 0, 0];
  window.forEach((level, index) => {
    const angle = (2 * Math.PI * hertz * index) / sampleRate;
    real += level * Math.cos(angle);
    imaginary += level * Math.sin(angle);
    power += level * level;
  });
  const inTone = (2 * (real ** 2 + imaginary ** 2)) / window.length;
  return power / window.length > powerMin && inTone / power > shareMin;
}
