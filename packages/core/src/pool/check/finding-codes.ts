// Every finding of a plan, by its stable name. Scripts and people look these up, so a code is
// never renamed. docs/operating/when-things-go-wrong.md has each in these words, and what to type.

// prettier-ignore
// biome-ignore format: one code a line reads as the table it is.
export const refusalCodes = {
  unknownPool: 'The topology has no pool of that name.',
  unknownDataset: 'The topology has no dataset of that name.',
  noBackupPool: 'The pool has no backup pool in the topology, so there is nowhere to go.',
  noServer: 'The pool that would take over lists no server.',
  noActiveRecord: 'Nobody who answers knows which copy is active. Start the agent of a server that does.',
  noCopyAtTarget: 'There is no copy on the side that would take over. Seed one first.',
  alreadyFailedOver: 'The pool is failed over. The way home is `understudy pool failback`.',
  notFailedOver: 'The pool is not failed over, so there is nothing to bring home.',
  alreadyThere: 'The dataset is active on that store.',
  otherSite: 'The store is not in the site that serves the pool. Move the whole pool instead.',
  nothingToReturn: 'No copy on that server holds writes that nobody else has.',
  activeBelow: 'The returning copy took writes under a generation that is not below the active one\'s. The active side mounts again above it by itself; the return follows.',
  otherRunUnfinished: 'Another run of the same pool or server is not finished. Wait for it, resume it or cancel it.',
  topologyDiffers: 'Two servers read different topology files. Make them equal and start the agents again.',
  targetSilent: 'The server that has to take over does not answer.',
  partnerSilent: 'A planned move needs every server that takes part. Start its agent, or force when it is off.',
  sourceNotMounted: 'The dataset is not mounted where it is active, so nothing can be handed over.',
  notMountedThere: 'The dataset is active on the side that would serve, and it is not mounted there. Mount it first.',
  servicesStopped: 'An operator keeps the registrar stopped that would take over. Start it first.',
  dismounted: 'An operator keeps the dataset dismounted. Mount it first.',
  sourceAnswers: 'The source answers, so nothing need be lost. Move it without --force.',
  partnerMayBeOn: 'A silent site cannot be told from a cut cable. Make sure that it is off and say so with --partner-is-off.',
  activationBlocked: 'An operator or the topology blocks the activation of the copy or of its server. Lift the block first: it is never passed over.',
  serverAtMaximum: 'The server has as many active datasets as the topology allows it. Move one away first.',
  noBestCopy: 'No copy in the site that serves can be activated; each is named with its reason.',
  leaseRenewed: 'A majority of the voters sees the other side renew its lease, so it is on. Mend the way to it, or stop it.',
  copyNotHealthy: 'A planned move needs the copy Healthy. Wait, or look at `understudy dataset show`.',
  copySuspended: 'An operator suspended the copy. Resume it first.',
  copyNotUsable: 'The copy is in a state from which it cannot be mounted even by force.',
  copyNotWhole: 'The copy was not seeded to the end, so it is not mounted even by force. Bring another copy back.',
  lossBeyondLimit: 'Forcing would lose more than the dataset allows. Accept the printed quote with --accept-loss=QUOTE_ID.',
  levelBelow: 'The copy has an older schema than the active one, so it lacks what that has taken since. Start its server with this release first.',
  verifyDiffers: 'The last comparison found differences. Seed the copy again.',
  noRoom: 'The backup pool cannot serve its own users and its partner\'s.',
  groupUnchanged: 'The membership of the group is so already, or cannot become what was asked.',
  noMajority: 'Too few voters answer to grant a take-over or a change of the membership. Start them; where they are gone for good: `understudy group restore`.',
  majorityAnswers: 'A majority of the voters answers, so nothing has to be restored. Take members off with `understudy group stop`.',
  leaseNotCarried: 'The voters of before have not all been heard since the last change of the membership. Start them, then change it again.',
  stateNotNext: 'That state cannot follow the pool\'s present one.',
} as const;

// prettier-ignore
// biome-ignore format: one code a line reads as the table it is.
export const warningCodes = {
  partnerSilent: 'A server that is not needed does not answer. It follows when it returns.',
  lossAccepted: 'The operator has accepted this loss quote.',
  copyCatchingUp: 'The copy is CatchingUp, as after another move. The run waits, at full service, until it is Healthy.',
  lagAboveDrainLimit: 'The copy is behind. The run waits, at full service, until it is close.',
  notVerified: 'The copy was never compared with the active one since it was seeded.',
  wayBackMissing: 'The slot for the way back does not stand. The move works; the old side is seeded again.',
} as const;

export type RefusalFindingCode = keyof typeof refusalCodes;
export type WarningFindingCode = keyof typeof warningCodes;
