import { after, test } from 'node:test';
import { asServer, asStore } from '@understudy/core';
import {
  commandSuite,
  type ConformingStore,
  controlStoreSuite,
  datasetEngineSuite,
  voteStoreSuite,
} from '../conformance/index.ts';
import { FakeCommands } from './fake-commands.ts';
import { FakeControlStore } from './fake-control-store.ts';
import { FakeEngine } from './fake-engine.ts';
import type { FakeStore } from './fake-store.ts';
import { fakeStores } from './fake-stores.ts';
import { openFakeVoter } from './fake-voter-subject.ts';
import { SimulatedClock } from './simulated-clock.ts';

// The fake passes what PostgreSQL passes, so that the simulation does not lie.

const [eastName, westName] = [asStore('east-store'), asStore('west-store')];
const thirdName = asStore('third-store');
const writeMs = 3;

function threeStores() {
  const clock = new SimulatedClock();
  const takes = { latencyMs: 1, applyMs: 3 };
  const [east, west, third] = fakeStores(clock, [eastName, westName, thirdName], takes);
  const engineOf = (on: FakeStore) => new FakeEngine(on, () => [east, west, third]);
  return { clock, east, west, third, engineOf };
}

function conforming(on: FakeStore, engine: FakeEngine): ConformingStore {
  return {
    engine,
    write: (order) => engine.write({ ...order, tookMs: writeMs }),
    rows: async (dataset) => new Map(on.copies.get(dataset)?.rows),
    tamper: async ({ dataset, row, value }) => {
      on.copies.get(dataset)?.rows.set(row, value);
    },
    waiting: async (dataset) =>
      [...(on.copies.get(dataset)?.inside ?? [])].filter(({ isWaiting }) => isWaiting).length,
    crash: async () => {
      on.crash();
      on.startAgain();
    },
  };
}

const nothing = async (): Promise<void> => {};

const engineSuite = datasetEngineSuite(async () => {
  const { clock, east, west, third, engineOf } = threeStores();
  return {
    east: conforming(east, engineOf(east)),
    west: conforming(west, engineOf(west)),
    third: conforming(third, engineOf(third)),
    clock,
    settle: (act) => clock.finish(act),
    [Symbol.asyncDispose]: nothing,
  };
});

after(engineSuite.close);
for (const [title, run] of engineSuite.cases) void test(`dataset engine: ${title}`, run);

const controlSuite = controlStoreSuite(async () => {
  const { clock, east } = threeStores();
  const store = new FakeControlStore(east, asServer('east-1'));
  // Its acts take time, and nobody else turns this clock.
  const control = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) =>
        clock.finish(Reflect.apply(member, target, parameters) as Promise<unknown>);
    },
  });
  return { control, [Symbol.asyncDispose]: nothing };
});

after(controlSuite.close);
for (const [title, run] of controlSuite.cases) void test(`control store: ${title}`, run);

const voteSuite = voteStoreSuite(openFakeVoter);

after(voteSuite.close);
for (const [title, run] of voteSuite.cases) void test(`voter: ${title}`, run);

const commands = commandSuite(async () => {
  const clock = new SimulatedClock();
  const runner = new FakeCommands(clock);
  return {
    runner,
    commandThat: ({ says = '', exits = 0, diesOf, shows, hangs }) => {
      const path = `/fake/${runner.programs.size}`;
      runner.programs.set(path, ({ environment }) => ({
        output: shows === undefined ? says : (environment[shows] ?? ''),
        ...(diesOf === undefined ? { exitStatus: exits } : { signal: diesOf }),
        ...(hangs === true && { takesMs: Number.MAX_SAFE_INTEGER }),
      }));
      return [path];
    },
    settle: (act) => clock.finish(act),
    [Symbol.asyncDispose]: nothing,
  };
});

after(commands.close);
for (const [title, run] of commands.cases) void test(`commands: ${title}`, run);
