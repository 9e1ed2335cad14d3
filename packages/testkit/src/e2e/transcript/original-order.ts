// The order in which the first reference document's commands did their work, line by line, and the
// line of ours that does the same. The test finds ours in this order; the page shows the table.

export type OrderLine = {
  readonly original: string;
  /** Found in our transcript after what stands above; absent where we have no such step. */
  readonly ours?: readonly RegExp[];
  readonly words: string;
};

const groups: OrderLine = {
  original: 'Hydrating Routing Group {…}, one line each',
  ours: Array.from(
    { length: 8 },
    (_, at) => new RegExp(`hydrate-groups  note: east-rg${at + 1}: \\d+ users? on \\w+-1`),
  ),
  words: '`hydrate-groups`: each by name, with its users',
};

const replicated: OrderLine = {
  original: 'Invoke-CsManagementStoreReplication, Get-CsManagementStoreReplicationStatus',
  words:
    'none: every agent has the topology file, and a run refuses unequal ones in `read-settings`',
};

export const failoverOrder: readonly OrderLine[] = [
  {
    original: 'Get-CsRegistrarConfiguration',
    ours: [/read-settings  done .*8 routing groups, from east to west/],
    words: '`read-settings`',
  },
  {
    original: 'Backup-CsPool -SteadyState: "Attempting to get into steady state"',
    ours: [/steady-state  done/],
    words: '`steady-state`, at full service',
  },
  replicated,
  {
    original: 'New-CsRegistrarConfiguration -PoolState FailingOver',
    ours: [/set-failing-over  done .*failingOver/],
    words: '`set-failing-over`',
  },
  {
    original: 'Backup-CsPool -FullBackup: "Attempting to get into final state"',
    ours: [/final-state  done/],
    words: '`final-state`: the last write is seen on the other side',
  },
  {
    original: 'Sync-CsUserData',
    ours: [/mount-datasets  done/],
    words: '`decide-active`, `mount-datasets`',
  },
  groups,
  {
    original: 'Set-CsRegistrarConfiguration -PoolState FailedOver',
    ours: [/set-failed-over  done .*failedOver/],
    words: '`set-failed-over`; then the old side follows',
  },
  {
    original: 'Reset-CsPoolRegistrarState -ResetType ServiceReset -NoReStart',
    ours: [/reset-registrar  done/],
    words: '`reset-registrar`',
  },
  {
    original: 'Stop-CsWindowsService',
    ours: [/stop-services  done .*the redirector stays/],
    words: '`stop-services`: the registrar stays and points users to the backup',
  },
];

export const failbackOrder: readonly OrderLine[] = [
  {
    original: 'Stop-CsWindowsService RTCSRV; Start-CsWindowsService LYNCBACKUP, REPLICA',
    ours: [/start-services  done/],
    words: '`start-services`; replication never stopped',
  },
  replicated,
  {
    original: 'Backup-CsPool -SteadyState -FailedOverPoolOnly',
    ours: [/steady-state  done/],
    words: '`steady-state`',
  },
  {
    original: 'Start-CsWindowsService RTCSRV',
    words: 'none: it runs since `start-services`, and points users to the backup',
  },
  {
    original: 'Set-CsRegistrarConfiguration -PoolState FailingBack',
    ours: [/set-failing-back  done .*failingBack/],
    words: '`set-failing-back`',
  },
  {
    original: 'Backup-CsPool -FullBackup -FailedOverPoolOnly',
    ours: [/final-state  done/],
    words: '`final-state`',
  },
  {
    original: 'Sync-CsUserData',
    ours: [/mount-datasets  done/],
    words: '`decide-active`, `mount-datasets`',
  },
  groups,
  {
    original: 'Set-CsRegistrarConfiguration -PoolState Active',
    ours: [/set-active  done .*active/],
    words: '`set-active`',
  },
];

/** The first line that does not come in its order, if any. */
export function outOfOrder(
  transcript: readonly string[],
  order: readonly OrderLine[],
): OrderLine | undefined {
  let from = 0;
  for (const line of order) {
    for (const ours of line.ours ?? []) {
      const found = transcript.findIndex((each, at) => at >= from && ours.test(each));
      if (found < 0) return line;
      from = found + 1;
    }
  }
  return undefined;
}
