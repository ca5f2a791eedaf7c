import { Command } from 'commander';
import type { Terminal } from './terminal.js';

export function codecServerCommand({ shutdownSignal }: Terminal): Command {
  return new Command('codec-server')
    .description("decrypt payloads for Temporal's Web UI and CLI: POST /decode")
    .addHelpText(
      'after',
      `
Decrypts for callers that send one of CODEC_SERVER_TOKENS, and logs who
decrypted how much. It cannot encrypt, and does not connect to Temporal.

Example:
  PAYLOAD_ENCRYPTION_KEYS=… CODEC_SERVER_TOKENS=… \\
    CODEC_SERVER_UI_ORIGIN=https://temporal.example.com \\
    rcs-delivery codec-server

Environment: PAYLOAD_ENCRYPTION_KEYS (required), CODEC_SERVER_TOKENS or
CODEC_SERVER_ALLOW_ANONYMOUS=true (loopback only), CODEC_SERVER_UI_ORIGIN,
CODEC_SERVER_HOST, CODEC_SERVER_PORT, LOG_LEVEL.`,
    )
    .action(async () => {
      const signal = shutdownSignal();
      const { startCodecServer } = await import('../roles/codec-server.js');
      await startCodecServer(signal);
    });
}
