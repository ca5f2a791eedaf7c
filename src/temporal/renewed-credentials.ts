import { credentials, experimental, Metadata } from '@grpc/grpc-js';
import type { ConnectionOptions } from '@temporalio/client';
import type { TemporalConnection } from '../config/temporal-connection.js';

type Options = TemporalConnection['options'];
type Renewed = Required<Pick<ConnectionOptions, 'credentials' | 'callCredentials'>>;

/**
 * TLS whose certificates are those of the moment at each connect. gRPC reads the properties of what a certificate
 * provider gave it for each connection, so getters need no timer. `apiKey` is the key of the moment, for each call.
 */
export function renewedCredentials(current: () => Options, apiKey: (() => string) | undefined): Renewed {
  const tls = atOnce(() => {
    const { tls } = current();
    return typeof tls === 'object' && tls !== null ? tls : {};
  });
  const hasIdentity = tls().clientCertPair !== undefined;
  const authority = {
    get caCertificate() {
      // gRPC's type ignores that Node has authorities of its own.
      return bufferOf(tls().serverRootCACertificate) as Buffer;
    },
  };
  const identity = {
    get certificate() {
      return bufferOf(tls().clientCertPair?.crt) as Buffer;
    },
    get privateKey() {
      return bufferOf(tls().clientCertPair?.key) as Buffer;
    },
  };
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) => {
      listener(authority);
    },
    addIdentityCertificateListener: (listener) => {
      listener(identity);
    },
    removeCaCertificateListener: () => undefined,
    removeIdentityCertificateListener: () => undefined,
  };
  return {
    credentials: experimental.createCertificateProviderChannelCredentials(provider, hasIdentity ? provider : null),
    // The SDK takes no API key beside credentials.
    callCredentials: apiKey === undefined ? [] : [authorizing(apiKey)],
  };
}

const bufferOf = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

function authorizing(apiKey: () => string) {
  return credentials.createFromMetadataGenerator((_, done) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${apiKey()}`);
    done(null, metadata);
  });
}

/** What is read in one go belongs together. */
function atOnce<T extends object>(read: () => T): () => T {
  let value: T | undefined;
  return () => {
    if (value === undefined) {
      value = read();
      queueMicrotask(() => {
        value = undefined;
      });
    }
    return value;
  };
}
