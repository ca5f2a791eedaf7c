import type { Command } from 'commander';
import {
  completedCommands,
  completedOptions,
  type CompletedCommand,
  type CompletedOption,
  type CompletedValue,
} from './completion-words.js';

/** A script for the shell. Static: it knows the commands of this version. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', root: Command): string {
  const scripts = { bash, zsh, fish };
  return scripts[shell](root.name(), completedCommands(root), completedOptions(root));
}

type Script = (program: string, commands: readonly CompletedCommand[], global: readonly CompletedOption[]) => string;

const flagsOf = ({ long, short }: CompletedOption): string[] => (short === undefined ? [long] : [short, long]);

/** In single quotes, for bash, zsh and (since nothing holds a backslash) fish. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const bash: Script = (program, commands, global) => {
  const name = `_${program.replaceAll('-', '_')}`;
  const values = commands.flatMap(({ name: command, options }) =>
    options.flatMap((option) => {
      if (option.value === undefined) return [];
      const patterns = flagsOf(option).map((flag) => `'${command} ${flag}'`);
      return [`    ${patterns.join(' | ')}) ${bashValues(option.value)}; return ;;`];
    }),
  );
  const words = commands.map(({ name: command, options, choices }) => {
    const all = [...choices, ...options.map(({ long }) => long)];
    return `    '${command}') words='${all.join(' ')}' ;;`;
  });
  const first = [...commands.map((command) => command.name), ...global.map(({ long }) => long)];
  return `# bash completion of ${program}
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= words= i IFS=$' \\t\\n'
  # bash takes --option=value apart at the =.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} != -* ]]; then command=\${COMP_WORDS[i]}; break; fi
  done
  COMPREPLY=()
  case "$command $prev" in
${values.join('\n')}
  esac
  case $command in
    '') words='${first.join(' ')}' ;;
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F ${name} ${program}
`;
};

function bashValues({ choices, file, several }: CompletedValue): string {
  if (file) return `compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur"))`;
  const words = `-W '${choices.join(' ')}'`;
  if (!several) return `COMPREPLY=($(compgen ${words} -- "$cur"))`;
  // To bash what stands before the last comma is a part of the word, too.
  return `local head=; [[ $cur == *,* ]] && head=\${cur%,*},; COMPREPLY=($(compgen -P "$head" ${words} -- "\${cur##*,}"))`;
}

const zsh: Script = (program, commands, global) => {
  const name = `_${program.replaceAll('-', '_')}`;
  const text = (words: string) => words.replaceAll(/[\\:[\]]/g, (character) => `\\${character}`);
  const spec = (option: CompletedOption) => {
    const { value, description } = option;
    const action = value?.file === true ? '_files' : `(${(value?.choices ?? []).join(' ')})`;
    const tail = value === undefined ? '' : `:value:${action === '()' ? ' ' : action}`;
    return flagsOf(option).map((flag) => quoted(`${flag}[${text(description)}]${tail}`));
  };
  const cases = commands.map(({ name: command, options, choices }) => {
    const argument = choices.length > 0 ? [quoted(`1:value:(${choices.join(' ')})`)] : [];
    return `    ${command}) _arguments ${[...argument, ...options.flatMap(spec)].join(' \\\n      ')} ;;`;
  });
  const described = commands.map(({ name: command, description }) => quoted(`${command}:${text(description)}`));
  return `#compdef ${program}
${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
    ${described.join('\n    ')}
  )
  _arguments -C ${global.flatMap(spec).join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands; return ;;
    rest) ;;
    *) return ;;
  esac
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] = ${name} ]]; then ${name} "$@"; else compdef ${name} ${program}; fi
`;
};

const fish: Script = (program, commands, global) => {
  const line = (condition: string, rest: string) => `complete -c ${program} -n ${quoted(condition)} ${rest}`;
  const flags = (condition: string) => (option: CompletedOption) => {
    const { long, short, value, description } = option;
    const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
    const choices = value === undefined || value.choices.length === 0 ? '' : ` -a ${quoted(value.choices.join(' '))}`;
    const takes = value === undefined ? '' : value.file ? ' -r -F' : ` -x${choices}`;
    return line(condition, `-l ${long.slice(2)}${letter}${takes} -d ${quoted(description)}`);
  };
  const lines = commands.flatMap(({ name: command, description, options, choices }) => {
    const inside = `__fish_seen_subcommand_from ${command}`;
    return [
      line('__fish_use_subcommand', `-a ${command} -d ${quoted(description)}`),
      ...(choices.length > 0 ? [line(inside, `-a ${quoted(choices.join(' '))}`)] : []),
      ...options.map(flags(inside)),
    ];
  });
  return `# fish completion of ${program}
complete -c ${program} -f
${[...global.map(flags('__fish_use_subcommand')), ...lines].join('\n')}
`;
};
