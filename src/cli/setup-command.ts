import { Command } from 'commander';

export interface SetupOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function setupCommand(): Command {
  return new Command('setup')
    .description("register the deliveries' search attributes in the namespace; again is harmless")
    .option('--dry-run', 'only say what is missing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Deliveries run without them too, but cannot be listed by status, agent, campaign or recipient then.
On Temporal Cloud search attributes are registered with tcld or in its web interface, not with this command: it says how.
With --dry-run it ends with 0 if nothing is missing, and with 1 if something is.

Examples:
  rcs-delivery setup
  TEMPORAL_NAMESPACE=staging rcs-delivery setup --dry-run --json`,
    )
    .action(async (options: SetupOptions) => {
      const { runSetup } = await import('./run-setup.js');
      await runSetup(options);
    });
}
