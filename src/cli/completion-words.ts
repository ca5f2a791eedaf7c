import type { Argument, Command, Option } from 'commander';

/** What can stand on a command line, read from Commander's own tree, so that it cannot drift from the help. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Of its first argument. */
  readonly choices: readonly string[];
}

export interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  /** What its value is: one of `choices`, a file, or something that nobody can guess. */
  readonly value?: CompletedValue;
}

export interface CompletedValue {
  readonly choices: readonly string[];
  readonly file: boolean;
  /** Several of the choices may be given, with commas. */
  readonly several: boolean;
}

export function completedCommands(root: Command): CompletedCommand[] {
  return root.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: completedOptions(command),
    choices: choicesOf(command.registeredArguments[0]),
  }));
}

export function completedOptions(command: Command): CompletedOption[] {
  return command.createHelp().visibleOptions(command).flatMap(completed);
}

function completed(option: Option): CompletedOption[] {
  const { long, short, description, required, optional } = option;
  if (typeof long !== 'string') return [];
  const value = {
    choices: choicesOf(option),
    file: option.flags.includes('<path>'),
    several: description.includes('with commas'),
  };
  return [{ long, ...(typeof short === 'string' && { short }), description, ...((required || optional) && { value }) }];
}

const choicesOf = (one: Option | Argument | undefined): readonly string[] => one?.argChoices ?? [];
