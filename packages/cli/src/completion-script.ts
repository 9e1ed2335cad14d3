import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A place in the tree of commands, and what may be typed next there. */
type Place = { readonly path: string; readonly words: readonly string[] };

/** A script for the shell, made of the very commands that the program has. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, '');
  if (shell === 'fish') return fishScript(places);
  const script = bashScript(places, valuedFlags(program));
  // Zsh reads bash's way of completing after this (zshcompsys(1), BASH COMPLETIONS).
  return shell === 'zsh' ? `autoload -Uz bashcompinit && bashcompinit\n${script}` : script;
}

function placesOf(command: Command, path: string): readonly Place[] {
  const inner = command.commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`.trim()));
  return [{ path, words: nextWords(command) }, ...inner];
}

function nextWords(command: Command): readonly string[] {
  const options = [...command.options, ...rootOf(command).options];
  const flags = [...new Set(options.flatMap(({ long }) => (long ? [long] : [])))];
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...command.commands.map((each) => each.name()), ...choices, ...flags, '--help'];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** Options whose next word is their value, and so no command. */
function valuedFlags(command: Command): readonly string[] {
  const own = command.options.filter(({ required, optional }) => required || optional);
  const flags = own.flatMap(({ long }) => (long ? [long] : []));
  return [...new Set([...flags, ...command.commands.flatMap(valuedFlags)])];
}

function bashScript(places: readonly Place[], valued: readonly string[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') next='${words.join(' ')}' ;;`);
  return `_understudy() {
  local path='' next='' word before=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$before" in ${valued.join('|')}) before=''; continue ;; esac
    before="$word"
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.map((each) => `  ${each}`).join('\n')}
    esac
    [ -n "$next" ] && break
    [ -n "$path" ] || break
    case "$path" in *' '*) path="\${path% *}" ;; *) path='' ;; esac
  done
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
  # A name of a file or folder where nothing else fits.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _understudy understudy
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.map(({ path, words }) => {
    const [first = '', second] = path.split(' ');
    const condition =
      path === ''
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${first}` +
          (second === undefined ? '' : `; and __fish_seen_subcommand_from ${second}`);
    return `complete -c understudy -n '${condition}' -a '${words.join(' ')}'`;
  });
  return `${lines.join('\n')}\n`;
}
