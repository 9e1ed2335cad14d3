export type Parameter =
  /** Names a pool, server or state: the argument of ours at this place. */
  | { readonly kind: 'named'; readonly at: number }
  | { readonly kind: 'flag'; readonly words: readonly string[] }
  /** Goes on as the value of an option of ours. */
  | { readonly kind: 'option'; readonly word: string }
  /** There is only one here, whatever it is called. */
  | { readonly kind: 'onlyOne' }
  | { readonly kind: 'service' };

export type Original = {
  readonly words: readonly string[];
  /** By their names in lower case, without the hyphen. */
  readonly parameters: Readonly<Record<string, Parameter>>;
};

const first: Parameter = { kind: 'named', at: 0 };
const second: Parameter = { kind: 'named', at: 1 };
const flag = (...words: readonly string[]): Parameter => ({ kind: 'flag', words });
/** What is so here in any case. */
const always = flag();

const runFlags = {
  verbose: flag('--verbose'),
  whatif: flag('--what-if'),
  force: flag('--yes'),
  'confirm:$false': flag('--yes'),
};
const option = (word: string): Parameter => ({ kind: 'option', word });
const onMembers = {
  identity: { kind: 'onlyOne' },
  activedirectorysite: option('--site'),
  mailboxserver: option('--server'),
  whatif: flag('--what-if'),
  'confirm:$false': always,
} as const satisfies Original['parameters'];
const backupStatus: Original = { words: ['backup', 'status'], parameters: { poolfqdn: first } };
const onServer = { computername: first, name: { kind: 'service' }, verbose: always } as const;

/** The originals' commands by their names in lower case. */
export const originals: Readonly<Record<string, Original>> = {
  'invoke-cspoolfailover': {
    words: ['pool', 'failover'],
    parameters: { poolfqdn: first, disastermode: flag('--force'), ...runFlags },
  },
  'invoke-cspoolfailback': {
    words: ['pool', 'failback'],
    parameters: { poolfqdn: first, ...runFlags },
  },
  'invoke-cscomputerfailover': {
    words: ['server', 'drain'],
    parameters: { computername: first, verbose: always },
  },
  'invoke-cscomputerfailback': {
    words: ['server', 'undrain'],
    parameters: { computername: first, verbose: always },
  },
  'get-csbackupservicestatus': backupStatus,
  'get-cspoolbackupservicestatus': backupStatus,
  'get-csregistrarconfiguration': {
    words: ['pool', 'show'],
    parameters: { identity: first, 'localstore:$false': always },
  },
  'set-csregistrarconfiguration': {
    words: ['pool', 'set-state'],
    parameters: { identity: first, poolstate: second, verbose: flag('--verbose') },
  },
  'stop-databaseavailabilitygroup': {
    words: ['group', 'stop'],
    parameters: { ...onMembers, configurationonly: flag('--configuration-only') },
  },
  'start-databaseavailabilitygroup': { words: ['group', 'start'], parameters: onMembers },
  'restore-databaseavailabilitygroup': { words: ['group', 'restore'], parameters: onMembers },
  'get-databaseavailabilitygroup': {
    words: ['group', 'status'],
    parameters: { identity: { kind: 'onlyOne' }, status: always },
  },
  'get-cswindowsservice': { words: ['services', 'list'], parameters: onServer },
  'start-cswindowsservice': {
    words: ['services', 'start'],
    parameters: { ...onServer, nowait: always },
  },
  'stop-cswindowsservice': {
    words: ['services', 'stop'],
    parameters: {
      ...onServer,
      nowait: always,
      leaveclsagentrunning: always,
      force: flag('--even-serving'),
    },
  },
};
