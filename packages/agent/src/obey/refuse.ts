import type { RefusalCode } from '@understudy/core';

/** Thrown inside the agent; the client that obeys names the server in OrderRefusedError. */
export class RefusedHere extends Error {
  override readonly name = 'RefusedHere';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, why: string) {
    super(why);
    this.code = code;
  }
}

/** The order is refused: nothing was changed. */
export function refuse(code: RefusalCode, why: string): never {
  throw new RefusedHere(code, why);
}
