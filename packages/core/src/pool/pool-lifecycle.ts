import type { PoolState } from './pool-record.ts';

// The life of a pool, and what each state means for the registrars of both sides.
//
// Leader and agents read the same two tables: the leader orders only what may follow, the agent
// tells its roles what the state means. Judgement is made elsewhere and arrives as a fact.

export type PoolFact =
  | 'failoverOrdered'
  | 'servedAtBackup'
  | 'failbackOrdered'
  | 'servedAtHome'
  | 'switchAborted';

export type PoolAction = 'closeHome' | 'closeBackup' | 'serveAtBackup' | 'serveAtHome';

export type PoolTransition = {
  readonly to: PoolState;
  readonly action: PoolAction;
  readonly why: string;
};
export type PoolLifecycle = {
  readonly [state in PoolState]: { readonly [fact in PoolFact]?: PoolTransition };
};

const go = (to: PoolState, action: PoolAction, why: string): PoolTransition => ({
  to,
  action,
  why,
});

// prettier-ignore
// biome-ignore format: one transition a line reads as the table it is.
export const poolLifecycle: PoolLifecycle = {
  active: {
    failoverOrdered: go('failingOver', 'closeHome',     'an operator or a runbook asked'),
  },
  failingOver: {
    failoverOrdered: go('failingOver', 'closeHome',     'it goes on where a run stopped half way'),
    servedAtBackup:  go('failedOver',  'serveAtBackup', 'the datasets are mounted and every routing group is hydrated'),
    switchAborted:   go('active',      'serveAtHome',   'the datasets did not move, so home mounts them again'),
    failbackOrdered: go('failingBack', 'closeBackup',   'it goes home from half way'),
  },
  failedOver: {
    failbackOrdered: go('failingBack', 'closeBackup',   'an operator asked'),
  },
  failingBack: {
    failbackOrdered: go('failingBack', 'closeBackup',   'it goes on where a run stopped half way'),
    servedAtHome:    go('active',      'serveAtHome',   'the datasets are mounted and every routing group is hydrated'),
    switchAborted:   go('failedOver',  'serveAtBackup', 'the datasets did not move, so the backup mounts them again'),
    failoverOrdered: go('failingOver', 'closeHome',     'it goes back to the backup from half way'),
  },
};

/** The row for `fact` in `state`; undefined where the fact is refused. */
export function nextPoolState(state: PoolState, fact: PoolFact): PoolTransition | undefined {
  return poolLifecycle[state][fact];
}

export const poolStates = Object.keys(poolLifecycle) as readonly PoolState[];

/** What a registrar does for the users of a pool. */
export type RegistrarDuty =
  /** Full service, as soon as the dataset is mounted here and its groups are hydrated. */
  | 'serve'
  /** 302 to the home pool; in limited mode when that has been silent for long enough. */
  | 'pointHome'
  /** 302 to the backup pool, also when the services here are started again. */
  | 'pointToBackup'
  /** No new registrations and no lasting changes: 503 with Retry-After. */
  | 'refuseChanges'
  /** Refuses everything until the final state is reached and the dataset is mounted here. */
  | 'awaitFinalState';

export type PoolSide = 'home' | 'backup';

// prettier-ignore
// biome-ignore format: one state a line reads as the table it is.
export const registrarDuties: {
  readonly [state in PoolState]: { readonly [side in PoolSide]: RegistrarDuty };
} = {
  active:      { home: 'serve',           backup: 'pointHome' },
  failingOver: { home: 'refuseChanges',   backup: 'awaitFinalState' },
  failedOver:  { home: 'pointToBackup',   backup: 'serve' },
  failingBack: { home: 'awaitFinalState', backup: 'refuseChanges' },
};

/** Which side serves the users once the datasets are mounted as the state says. */
export function servingSide(state: PoolState): PoolSide {
  return state === 'failingOver' || state === 'failedOver' ? 'backup' : 'home';
}
