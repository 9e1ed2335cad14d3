/** Whoever was asked pressed Ctrl-C or closed the input; nothing was done. */
export class NotAnsweredError extends Error {
  override readonly name = 'NotAnsweredError';

  constructor(question: string) {
    super(`nobody answered "${question.trim()}"; nothing was done`);
  }
}
