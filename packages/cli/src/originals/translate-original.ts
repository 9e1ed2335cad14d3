import { UsageError } from '../usage-error.ts';

// The command names of the originals, for those who have them in their fingers. Each stands for
// one of ours; what it means is printed before it is done.

type Parameter =
  | { readonly kind: 'pool' }
  | { readonly kind: 'state' }
  | { readonly kind: 'flag'; readonly words: readonly string[] };

type Original = {
  readonly words: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
};

const pool: Parameter = { kind: 'pool' };
const flag = (...words: readonly string[]): Parameter => ({ kind: 'flag', words });

const runFlags = {
  verbose: flag('--verbose'),
  whatif: flag('--what-if'),
  force: flag('--yes'),
  'confirm:$false': flag('--yes'),
};

const originals: Readonly<Record<string, Original>> = {
  'invoke-cspoolfailover': {
    words: ['pool', 'failover'],
    parameters: { poolfqdn: pool, disastermode: flag('--force'), ...runFlags },
  },
  'invoke-cspoolfailback': {
    words: ['pool', 'failback'],
    parameters: { poolfqdn: pool, ...runFlags },
  },
  'get-csbackupservicestatus': { words: ['backup', 'status'], parameters: { poolfqdn: pool } },
  'get-cspoolbackupservicestatus': { words: ['backup', 'status'], parameters: { poolfqdn: pool } },
  'set-csregistrarconfiguration': {
    words: ['pool', 'set-state'],
    parameters: { identity: pool, poolstate: { kind: 'state' }, verbose: flag('--verbose') },
  },
};

/** Our words for an original's; the very same array when it is none of them. */
export function translateOriginal(words: readonly string[]): readonly string[] {
  const [name = '', ...rest] = words;
  const original = originals[name.toLowerCase()];
  return original === undefined ? words : translate(name, original, rest);
}

function translate(name: string, original: Original, rest: readonly string[]): readonly string[] {
  const values: { pool?: string; state?: string } = {};
  const options: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    if (word.startsWith('--')) {
      options.push(word); // Ours may be mixed in: --json, --data=DIR.
      continue;
    }
    const parameter = original.parameters[word.replace(/^-/, '').toLowerCase()];
    if (parameter === undefined || !word.startsWith('-')) {
      const known = Object.keys(original.parameters).map((each) => `-${each}`);
      throw new UsageError(`${name} does not know ${word}; it knows ${known.join(', ')}`);
    }
    if (parameter.kind === 'flag') {
      options.push(...parameter.words);
      continue;
    }
    at += 1;
    values[parameter.kind] = valueOf(word, rest[at]);
  }
  const given = [values.pool, values.state].filter((each) => each !== undefined);
  return [...original.words, ...given, ...options];
}

/** `Registrar:east.example.com` and `east.example.com` both name pool `east`. */
function valueOf(word: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`${word} needs a value`);
  return value.replace(/^\w+:/, '').replace(/\..*$/, '');
}
