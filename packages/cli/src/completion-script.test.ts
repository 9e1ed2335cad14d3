import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { buildProgram } from './build-program.ts';
import { completionScript } from './completion-script.ts';
import { exitCode } from './exit-code.ts';
import { aWorld } from './golden/fake-world.ts';

const program = buildProgram({ world: aWorld({ url: 'http://127.0.0.1:1' }), exit: exitCode.done });

/** What bash offers after these words. */
function offered(...words: readonly string[]): readonly string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  const script =
    `${completionScript(program, 'bash')}\nCOMP_WORDS=(${typed}); ` +
    `COMP_CWORD=${words.length - 1}; _understudy; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

test('bash completes commands, commands of commands, options and choices', () => {
  assert.deepEqual(offered('understudy', 'st'), ['status']);
  assert.deepEqual(offered('understudy', 'pool', 'fail'), ['failover', 'failback']);
  assert.ok(offered('understudy', 'pool', 'failover', 'east', '--').includes('--partner-is-off'));
  assert.deepEqual(offered('understudy', 'pool', 'set-state', 'east', 'FailedO'), ['FailedOver']);
  assert.deepEqual(offered('understudy', '--data', 'd', 'pool', 'show', '--js'), ['--json']);
  assert.ok(offered('understudy', '--json', 'dataset', 'list', '--d').includes('--data'));
});

test('every command is in the scripts of the other shells, too', () => {
  for (const shell of ['zsh', 'fish'] as const) {
    const script = completionScript(program, shell);
    for (const { name } of program.commands.map((each) => ({ name: each.name() }))) {
      assert.ok(script.includes(name), `${shell} ${name}`);
    }
  }
});
