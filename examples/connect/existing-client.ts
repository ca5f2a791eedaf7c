import type { Client } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from 'rcs-message-delivery';

/** Uses your backend's Temporal client, with its connection, namespace, data converter and interceptors. */
export function createDeliveries(client: Client): DeliveryClient {
  return createDeliveryClient({
    client,
    // Reads '0151 23456789' as a German number. Without this option, only international numbers are accepted.
    defaultCountry: 'DE',
    timeoutMs: 5_000,
  });
}
