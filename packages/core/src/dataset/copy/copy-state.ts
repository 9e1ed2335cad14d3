/** States of a copy as users see them; docs/operating/copy-states.md says what each means. */
export type CopyState =
  | 'seeding'
  | 'catchingUp'
  | 'healthy'
  | 'mounting'
  | 'mounted'
  | 'dismounting'
  | 'dismounted'
  | 'suspended'
  | 'disconnected'
  | 'diverged'
  | 'failed';
