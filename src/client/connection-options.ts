import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from '@temporalio/client';
import { readProxies, type ProxyVariables } from '../http/proxies.js';
import { clientConnectionOptions } from '../temporal/client-connection.js';
import { createCurrentOptions } from '../temporal/current-options.js';

/** How to connect to Temporal, with files that may be replaced while the program runs. */
export interface FileConnectionOptions {
  /** `host:port`. */
  readonly address: string;
  /** The client's certificate and its key (PEM). */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The authority of the server's certificate (PEM). Default: those of Node.js. */
  readonly authorityFile?: string;
  /** The host name that the server's certificate must have. Default: that of `address`. */
  readonly serverName?: string;
  readonly apiKeyFile?: string;
  /** Where HTTPS_PROXY, NO_PROXY and the like are read, as the roles read them. Default: no proxy. */
  readonly environment?: ProxyVariables;
}

/**
 * Options for Temporal's `Connection`, over TLS. It presents the certificates of the moment whenever it connects, and the
 * API key of the moment with each call. A new certificate beside an old key is not used until they fit. Throws if a file
 * can't be read now, and a TypeError if a certificate has no key.
 */
export function connectionOptionsFromFiles(options: FileConnectionOptions): ConnectionOptions {
  const { address, certificateFile, keyFile, authorityFile, apiKeyFile, environment } = options;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw new TypeError('certificateFile and keyFile go together');
  }
  const read = () => readOptions(options);
  const paths = [certificateFile, keyFile, authorityFile, apiKeyFile].filter((path) => path !== undefined);
  const current = createCurrentOptions({ temporal: { options: read(), files: { paths, read } } });
  return clientConnectionOptions({ current, route: readProxies(environment).toTemporal(address), more: {} });
}

function readOptions({ address, serverName, ...files }: FileConnectionOptions) {
  const { certificateFile, keyFile, authorityFile, apiKeyFile } = files;
  return {
    address,
    tls: {
      ...(serverName !== undefined && { serverNameOverride: serverName }),
      ...(authorityFile !== undefined && { serverRootCACertificate: readFileSync(authorityFile) }),
      ...(certificateFile !== undefined &&
        keyFile !== undefined && {
          clientCertPair: { crt: readFileSync(certificateFile), key: readFileSync(keyFile) },
        }),
    },
    ...(apiKeyFile !== undefined && { apiKey: readFileSync(apiKeyFile, 'utf8').trim() }),
  };
}
