import type { DeliveryStatus } from '../contract/status.js';
import { renderStatus } from './render-status.js';
import { hasColours } from './terminal.js';

export function printStatus(status: DeliveryStatus, json: boolean | undefined): void {
  const colour = hasColours(process.stdout);
  const shown = json === true ? JSON.stringify(status, null, 2) : renderStatus({ status, now: Date.now(), colour });
  process.stdout.write(`${shown}\n`);
}
