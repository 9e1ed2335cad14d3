// What a user can do, by how the user's pool is served at this moment. Users ask for it, so that a
// client can say beforehand what will not work, and why, and until when.

/**
 * `full`: from the mounted dataset. `limited`: from a copy at the backup pool. `returning`: the
 * same, while home serves again. `merging`: from the mounted dataset, while what was queued comes
 * in. `moving`: a run moves the pool.
 */
export type ServiceLevel = 'full' | 'limited' | 'returning' | 'merging' | 'moving';

export const capabilityNames = [
  'signIn',
  'calls',
  'messages',
  'keptMessages',
  'reading',
  'changes',
  'administration',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/** `queued`: it is kept durably and done when the pool's data is mounted again. */
export type Capability = { readonly answer: 'works' | 'queued' | 'off'; readonly why: string };

export type Service = {
  /** When it will be otherwise, in words. */
  readonly until: string;
  readonly capabilities: { readonly [name in CapabilityName]: Capability };
};

const works = (why = 'as always'): Capability => ({ answer: 'works', why });
const queued = (why: string): Capability => ({ answer: 'queued', why });
const off = (why: string): Capability => ({ answer: 'off', why });

const always = works();
const onItsWay = 'the data of the pool is on its way to another server';
const fromCopy = works('as the copy here last had it');
const atHomeOnly = off('users and passwords are changed where the data of the pool is mounted');

// prettier-ignore
// biome-ignore format: one capability a line reads as the table it is.
export const services: { readonly [level in ServiceLevel]: Service } = {
  full: {
    until: 'further notice',
    capabilities: {
      signIn: always, calls: always, messages: always, keptMessages: always,
      reading: always, changes: always, administration: always,
    },
  },
  limited: {
    until: 'the home pool has served again for a while, or the pool is failed over',
    capabilities: {
      signIn:         works('with the password that the copy here has'),
      calls:          works('to phones signed in here, and to those that the copy here knows, by the settings that it has'),
      messages:       works('to phones signed in here, and to those that the copy here knows'),
      keptMessages:   queued('they come to the mailbox when the data of the pool is mounted'),
      reading:        fromCopy,
      changes:        queued('they are made, in order, when the data of the pool is mounted'),
      administration: atHomeOnly,
    },
  },
  returning: {
    until: 'the home pool has served for a while; then it serves alone',
    capabilities: {
      signIn:         works('here and at the home pool'),
      calls:          works('to phones signed in here, and to those that the copy here knows, by the settings that it has'),
      messages:       works('to phones signed in here, and to those that the copy here knows'),
      keptMessages:   works('the home pool keeps them'),
      reading:        fromCopy,
      changes:        works('at the home pool, to which they are sent'),
      administration: works('at the home pool'),
    },
  },
  merging: {
    until: 'what was queued in limited mode is applied, a matter of seconds',
    capabilities: {
      signIn: always, calls: always, messages: always, keptMessages: always, reading: always,
      changes:        off('what was queued in limited mode comes first'),
      administration: always,
    },
  },
  moving: {
    until: 'the pool has moved, a matter of seconds',
    capabilities: {
      signIn:         off(onItsWay),
      calls:          works('among phones that are signed in'),
      messages:       works('among phones that are signed in'),
      keptMessages:   off(onItsWay),
      reading:        always,
      changes:        off(onItsWay),
      administration: off(onItsWay),
    },
  },
};
