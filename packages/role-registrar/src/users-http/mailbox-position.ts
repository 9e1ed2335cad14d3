import type { Generation } from '@understudy/core';

// E13: a position says under which generation it was given out. After a failover the
// survivor may lack rows that a client has seen, and gives their places out again; so a client
// with a position of another generation is sent back to the last row that both have.

/** A row of a mailbox: rows are in the order of generation, then place. */
export type MailboxRow = { readonly generation: number; readonly place: number };
export type MailboxPosition = MailboxRow & { readonly givenUnder: number };

/** `7:5:100`: given out under generation 7, behind the row of generation 5 at place 100. */
export function showPosition(givenUnder: Generation, row: MailboxRow): string {
  return `${givenUnder}:${row.generation}:${row.place}`;
}

/** The text has the form of `mailboxPosition` in the API. */
export function parsePosition(text: string): MailboxPosition {
  const [givenUnder = 0, generation = 0, place = 0] = text.split(':').map(Number);
  return { givenUnder, generation, place };
}

export const mailboxStart: MailboxRow = { generation: 0, place: 0 };
