import { UsageError } from '../usage-error.ts';
import { type Original, originals, type Parameter } from './originals.ts';

// The command names of the originals, for those who have them in their fingers. Each stands for
// one of ours; what it means is printed before it is done.

/** Ours that may be mixed in, with a value in the next word. */
const ownWithValue = ['--data', '--server', '--token-file'];

/** Our words for an original's; the very same array when it is none of them. */
export function translateOriginal(words: readonly string[]): readonly string[] {
  const [name = '', ...rest] = words;
  const original = originals[name.toLowerCase()];
  return original === undefined ? words : translate(name, original, rest);
}

function translate(name: string, original: Original, rest: readonly string[]): readonly string[] {
  const given: string[] = [];
  const options: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    if (word.startsWith('--')) {
      options.push(word);
      if (ownWithValue.includes(word)) options.push(...rest.slice((at += 1), at + 1));
      continue;
    }
    const parameter = parameterOf(name, original, word);
    if (parameter.kind === 'flag') {
      options.push(...parameter.words);
      continue;
    }
    at += 1;
    const value = rest[at];
    if (value === undefined) throw new UsageError(`${word} needs a value`);
    if (parameter.kind === 'named') given[parameter.at] = nameOf(value);
    else if (parameter.kind === 'option') options.push(parameter.word, value);
    else if (parameter.kind === 'service') checkService(name, value);
  }
  return [...original.words, ...given.filter((each) => each !== undefined), ...options];
}

function parameterOf(name: string, { parameters }: Original, word: string): Parameter {
  const parameter = parameters[word.replace(/^-/, '').toLowerCase()];
  if (parameter !== undefined && word.startsWith('-')) return parameter;
  const known = Object.keys(parameters).map((each) => `-${each}`);
  throw new UsageError(`${name} does not know ${word}; it knows ${known.join(', ')}`);
}

/** `Registrar:east.example.com` and `east.example.com` both name `east`. */
function nameOf(value: string): string {
  return value.replace(/^(?:service:)?\w+:/i, '').replace(/\..*$/, '');
}

/** The registrar is what can be stopped; replication ends with the server only. */
function checkService(name: string, value: string): void {
  if (value.toUpperCase() === 'RTCSRV') return;
  const why = 'RTCSRV, the registrar, is what is started and stopped by itself here';
  throw new UsageError(`${name} does not know the service ${value}; ${why}`);
}
