// What is carried from the queue of a backup pool to the dataset that it is about. Agents carry it
// and read none of it; the roles at both ends know what it means.

export const queuedKinds = [
  'putContact',
  'removeContact',
  'putGroup',
  'removeGroup',
  'putSetting',
  'removeSetting',
  'message',
] as const;
export type QueuedKind = (typeof queuedKinds)[number];

/** A lasting change that a user was promised (202). */
export type QueuedChange = {
  readonly id: string;
  readonly userId: string;
  readonly kind: QueuedKind;
  readonly body: Readonly<Record<string, unknown>>;
  readonly queuedAtMs: number;
};

/** A phone that signed in, or a removal of one, as its row stands. */
export type QueuedBinding = {
  readonly id: string;
  /** New with each change of the row. */
  readonly changed: string;
  readonly isRemoved: boolean;
  readonly userId: string;
  readonly contact: string;
  readonly instance: string | null;
  readonly regId: number | null;
  readonly q: number;
  readonly path: readonly string[];
  readonly source: string;
  readonly callId: string;
  readonly cseq: number;
  readonly userAgent: string;
  readonly expiresAtMs: number;
};

/** The oldest of what waits for one pool, in the order in which it is to be applied. */
export type QueuedBatch = {
  readonly changes: readonly QueuedChange[];
  readonly bindings: readonly QueuedBinding[];
};

/** What stands in the pool's own dataset now, and need not wait any more. */
export type QueuedDone = {
  readonly changes: readonly string[];
  readonly bindings: readonly Pick<QueuedBinding, 'id' | 'changed'>[];
};
