/** The same topology without its lines for voters. */
export function withoutVotes(text: string): string {
  return text.replace(/^votes:\n( .*\n)*/m, '');
}
