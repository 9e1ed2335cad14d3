import { escapeIdentifier, escapeLiteral } from 'pg';

/** A name for SQL that takes no parameters (CREATE, ALTER, DROP). */
export const identifier = (name: string): string => escapeIdentifier(name);
/** A text constant for such SQL. */
export const literal = (text: string): string => escapeLiteral(text);
