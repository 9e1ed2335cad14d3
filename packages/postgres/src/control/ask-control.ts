import type { Session } from '../connect/databases.ts';

/** A question to the control database, which is made before the first. */
export type AskControl = <Row>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** The control database, opened. */
export type Control = {
  readonly ask: AskControl;
  session<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
};
