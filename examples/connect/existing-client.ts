import type { Client } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from 'rcs-message-delivery';

/** Your backend has a Temporal client: its connection, namespace, data converter and interceptors are used as they are. */
export function createDeliveries(client: Client): DeliveryClient {
  return createDeliveryClient({
    client,
    // Reads '0151 23456789' as a German number. Without it, only international numbers are taken.
    defaultCountry: 'DE',
    timeoutMs: 5_000,
  });
}
