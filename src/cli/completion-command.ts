import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function completionCommand(root: Command): Command {
  return new Command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `
The script is complete in itself: pressing tab starts no program.

Examples:
  bash, in ~/.bashrc:                  source <(rcs-delivery completion bash)
  zsh, in ~/.zshrc after compinit:     source <(rcs-delivery completion zsh)
  fish:                                rcs-delivery completion fish > ~/.config/fish/completions/rcs-delivery.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion-scripts.js');
      process.stdout.write(completionScript(shell, root));
    });
}
