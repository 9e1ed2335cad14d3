import assert from 'node:assert/strict';
import type { CommandOrder, CommandRunner } from '../command-runner.ts';
import { type ConformanceSuite, conformanceSuite } from './conformance-suite.ts';

/** What a command of the suite does, whatever it is made of. */
export type CommandThat = {
  readonly says?: string;
  readonly exits?: number;
  readonly diesOf?: 'SIGTERM';
  /** Says the value of this variable. */
  readonly shows?: string;
  /** Never ends by itself, nor does a child of it. */
  readonly hangs?: true;
};

export type CommandSubject = AsyncDisposable & {
  readonly runner: CommandRunner;
  commandThat(does: CommandThat): readonly string[];
  /** Lets an order come to its end, whatever the clock is. */
  settle<Result>(act: Promise<Result>): Promise<Result>;
};

export function commandSuite(open: () => Promise<CommandSubject>): ConformanceSuite {
  return conformanceSuite(open, {
    'the exit status is told, and what was said on the way': async (subject) => {
      for (const exits of [0, 3]) {
        const outcome = await ended(subject, { says: 'power is off', exits });
        assert.ok(outcome.kind === 'ended');
        assert.deepEqual([outcome.exitStatus, outcome.output], [exits, 'power is off']);
      }
    },
    'a command that a signal ended has no exit status': async (subject) => {
      const outcome = await ended(subject, { diesOf: 'SIGTERM' });
      assert.ok(outcome.kind === 'ended');
      assert.deepEqual([outcome.exitStatus, outcome.signal], [undefined, 'SIGTERM']);
    },
    'it is told its variables': async (subject) => {
      const environment = { UNDERSTUDY_FENCE_SITE: 'east' };
      const outcome = await ended(subject, { shows: 'UNDERSTUDY_FENCE_SITE' }, { environment });
      assert.equal(outcome.kind === 'ended' && outcome.output, 'east');
    },
    'only the head of its output is kept, and nobody waits for the rest': async (subject) => {
      const outcome = await ended(subject, { says: 'x'.repeat(100_000) }, { outputBytesMax: 10 });
      assert.ok(outcome.kind === 'ended');
      assert.deepEqual([outcome.exitStatus, outcome.output], [0, 'x'.repeat(10)]);
    },
    'one that does not end is killed at its timeout, with all that it started': async (subject) => {
      const outcome = await ended(subject, { says: 'wait', hangs: true }, { timeoutMs: 2_000 });
      assert.ok(outcome.kind === 'timedOut');
      assert.equal(outcome.output, 'wait');
      assert.ok(outcome.tookMs >= 1_900);
    },
    'one that cannot be run says why': async (subject) => {
      for (const command of [['/nowhere/fence'], [''], ['/nowhere/a\0b']]) {
        const outcome = await subject.settle(subject.runner.run({ ...order, command }));
        assert.ok(outcome.kind === 'notStarted', outcome.kind);
        assert.notEqual(outcome.why, '');
      }
    },
  });
}

/** Far above what any command of the suite needs. */
const order = { environment: {}, timeoutMs: 60_000, outputBytesMax: 1_000 } as const;

function ended(subject: CommandSubject, does: CommandThat, difference: Partial<CommandOrder> = {}) {
  const command = subject.commandThat(does);
  return subject.settle(subject.runner.run({ ...order, command, ...difference }));
}
