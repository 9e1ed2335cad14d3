/** The command was not written as it must be; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
