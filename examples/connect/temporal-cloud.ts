import { Client, Connection } from '@temporalio/client';
import { connectionOptionsFromFiles } from 'rcs-message-delivery';

export interface ApiKeyOptions {
  /** For example `eu-central-1.aws.api.temporal.io:7233`. */
  readonly address: string;
  /** For example `acme-rcs.a1b2c`. */
  readonly namespace: string;
  readonly apiKey: string;
}

/** Connects with an API key, over TLS. The system's certificate authorities verify the server. */
export async function connectWithApiKey({ address, namespace, apiKey }: ApiKeyOptions): Promise<Client> {
  const connection = await Connection.connect({ address, apiKey, tls: true });
  return new Client({ connection, namespace });
}

export interface MutualTlsOptions {
  readonly address: string;
  readonly namespace: string;
  /** PEM files. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Only needed if a private authority signed the server's certificate. */
  readonly authorityFile?: string;
}

/** Connects with a client certificate instead of an API key. The files may be replaced while the program runs. */
export async function connectWithMutualTls(options: MutualTlsOptions): Promise<Client> {
  const { namespace, ...files } = options;
  const connection = await Connection.connect(connectionOptionsFromFiles({ ...files, environment: process.env }));
  return new Client({ connection, namespace });
}
