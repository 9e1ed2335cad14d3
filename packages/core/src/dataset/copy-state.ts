/** States of a copy as users see them (DESIGN part 3 owns the list). Pascal case on screen. */
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
