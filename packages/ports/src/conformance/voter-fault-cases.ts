import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { asGeneration, asStore, released, type VoteRecord } from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import { StoreDownError } from '../dataset-engine.ts';
import type { VoteStore } from '../vote-store.ts';
import { aRecord, datasetOf } from './voter-records.ts';
import type { VoterSubject } from './voter-subject.ts';

// A voter on a bad way: what was asked may arrive late or not at all, and so may the answer. None
// of it may be taken for an answer, and nobody waits longer than the bound.

/** Far above what anything here takes that comes true at all. */
const trueWithinMs = 30_000;
const lookMs = 20;

type Write = Parameters<VoteStore['compareAndSet']>[0];
type Case = (subject: VoterSubject, number: number) => Promise<void>;

export const voterFaultCases: Readonly<Record<string, Case>> = {
  'cut off, it says so within its bound; healed, it answers': async (subject, number) => {
    const { far, way } = subject;
    const record = aRecord(number);
    await answered(() => far.compareAndSet({ expected: undefined, next: record }));
    way.cut();
    await isSilent(subject, () => far.read(record.dataset));
    const next = { ...record, renewals: 2 };
    await isSilent(subject, () => far.compareAndSet({ expected: record, next }));
    way.heal();
    assert.deepEqual(await answered(() => far.read(record.dataset)), record);
  },

  'a question that never arrives ends within its bound, and changes nothing': async (
    subject,
    number,
  ) => {
    const { far, others, way } = subject;
    const record = aRecord(number);
    await answered(() => far.read(record.dataset));
    way.hold('there');
    await isSilent(subject, () => far.compareAndSet({ expected: undefined, next: record }));
    await isSilent(subject, () => far.look());
    way.lose('there');
    way.heal();
    assert.equal(await others.read(record.dataset), undefined);
    const set = await answered(() => far.compareAndSet({ expected: undefined, next: record }));
    assert.equal(set.isDone, true);
  },

  'a write whose answer was lost stands, and who wrote it finds it': async (subject, number) => {
    const { far, others } = subject;
    const [first, second] = [aRecord(number), aRecord(number, { renewals: 2 })];
    for (const [expected, next] of [[undefined, first] as const, [first, second] as const]) {
      await answered(() => far.read(next.dataset)); // A way of before is healed.
      await losesAnswer(subject, { expected, next });
      assert.deepEqual(await others.read(next.dataset), next);
      const repeated = await answered(() => far.compareAndSet({ expected, next }));
      assert.deepEqual(repeated, { isDone: true, isRepeated: true, current: next });
    }
    // Somebody else's write in between is found as what it is.
    const third = { ...second, renewals: 3 };
    await losesAnswer(subject, { expected: second, next: third });
    const taken = { ...third, holder: asStore('west-store'), renewals: 4 };
    assert.equal((await others.compareAndSet({ expected: third, next: taken })).isDone, true);
    const late = await answered(() => far.compareAndSet({ expected: second, next: third }));
    assert.deepEqual(late, { isDone: false, current: taken });
  },

  'V2: a write that arrives late replaces only what it was meant for': async (subject, number) => {
    const { far, others, way } = subject;
    const record = aRecord(number);
    await answered(() => far.compareAndSet({ expected: undefined, next: record }));
    way.hold('there');
    const renewal = { expected: record, next: { ...record, renewals: 2 } };
    await isSilent(subject, () => far.compareAndSet(renewal));
    const taken = { ...record, holder: asStore('west-store'), renewals: 2 };
    await others.compareAndSet({ expected: record, next: taken });
    way.heal();
    // An answer of the same client, and some time: what waited has arrived.
    await answered(() => far.read(record.dataset));
    await sleep(5 * lookMs);
    assert.deepEqual(await others.read(record.dataset), taken);
    assert.deepEqual(await answered(() => far.compareAndSet(renewal)), {
      isDone: false,
      current: taken,
    });
  },

  'a slow answer is an answer': async ({ far, way }, number) => {
    const record = aRecord(number);
    await answered(() => far.read(record.dataset));
    const slowMs = 60;
    way.slow(slowMs);
    const began = performance.now();
    const set = await answered(() => far.compareAndSet({ expected: undefined, next: record }));
    assert.ok(performance.now() - began >= slowMs - 1, 'the way was slow');
    assert.equal(set.isDone, true);
    assert.deepEqual(await answered(() => far.read(record.dataset)), record);
    way.heal();
  },

  'killed amid writes it keeps what it has answered': async (subject, number) => {
    const { votes, others } = subject;
    let stands = aRecord(number);
    await votes.compareAndSet({ expected: undefined, next: stands });
    let isKilled = false;
    const writing = (async (): Promise<VoteRecord> => {
      for (;;) {
        const next = { ...stands, renewals: stands.renewals + 1 };
        const set = await votes.compareAndSet({ expected: stands, next }).catch(silence);
        if (set === undefined && isKilled) return next;
        assert.notEqual(set?.isDone, false, 'nobody else writes here');
        if (set !== undefined) stands = next;
      }
    })();
    await Promise.race([writing, holds(() => stands.renewals > 20)]);
    isKilled = true;
    await subject.kill();
    const unanswered = await writing;
    await subject.start();
    const kept = await answered(() => others.read(stands.dataset));
    // The last try may have arrived, its answer not.
    assert.ok(kept?.renewals === stands.renewals || kept?.renewals === unanswered.renewals);
  },

  'V3: what it keeps tells no time, so no clock of a voter can be wrong': async (
    subject,
    number,
  ) => {
    const { votes } = subject;
    const play = async (of: number): Promise<string> => {
      const first = aRecord(of);
      await votes.compareAndSet({ expected: undefined, next: first });
      const tried = { ...first, renewals: 2, tried: asGeneration(8) };
      await votes.compareAndSet({ expected: first, next: tried });
      await votes.compareAndSet({ expected: tried, next: released(tried) });
      return (await subject.kept(datasetOf(of))).replaceAll(`${datasetOf(of)}`, 'this dataset');
    };
    const before = await play(number);
    await sleep(5 * lookMs);
    assert.equal(await play(number + 500), before);
    assert.ok(before.includes('this dataset'), before);
  },
};

/** The call gives no answer, in words of the port, and within the client's bound. */
async function isSilent({ farBoundMs }: VoterSubject, call: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const answer = await call().catch((error: unknown) => error);
  const tookMs = performance.now() - began;
  assert.ok(answer instanceof Error, `answered: ${JSON.stringify(answer)}`);
  assert.equal(silence(answer), undefined);
  // A machine that is busy is late; a call without a bound never ends.
  assert.ok(tookMs < 3 * farBoundMs, `${tookMs} ms; the bound is ${farBoundMs}`);
}

/** The write arrives and its answer does not. */
async function losesAnswer(subject: VoterSubject, write: Write): Promise<void> {
  const { far, others, way } = subject;
  const stands = async (): Promise<boolean> => {
    const record = await others.read(write.next.dataset);
    return record?.renewals === write.next.renewals;
  };
  const untilMs = performance.now() + trueWithinMs;
  let sent: Promise<unknown> | undefined;
  const send = (): void => {
    const trying = far.compareAndSet(write).catch(silence);
    sent = trying;
    // On a busy machine it may end before the write was sent: it is sent again.
    void trying.then(() => {
      if (sent === trying) sent = undefined;
    });
  };
  for (;;) {
    if (sent === undefined) send();
    way.hold('back');
    await sleep(lookMs);
    if (await stands()) break;
    assert.ok(performance.now() < untilMs, 'the write never arrived');
    // A client that asks more than once needs the answers of before to send the last.
    way.heal();
  }
  way.lose('back');
  await sent;
  way.heal();
}

/** Undefined for the two errors that say nothing of the outcome; others are thrown. */
function silence(error: unknown): undefined {
  if (error instanceof StoreDownError || error instanceof TimedOutError) return undefined;
  throw error;
}

/** The first answer: a connection of before may have to be given up first. */
async function answered<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  const untilMs = performance.now() + trueWithinMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      silence(error);
      if (performance.now() > untilMs) throw error;
    }
    await sleep(lookMs);
  }
}

async function holds(isTrue: () => boolean): Promise<void> {
  const untilMs = performance.now() + trueWithinMs;
  while (!isTrue()) {
    assert.ok(performance.now() < untilMs, `not within ${trueWithinMs} ms`);
    await sleep(lookMs);
  }
}
