import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionFiles, TemporalConnection } from '../config/temporal-connection.js';
import type { Logger } from '../observability/logger.js';

type Options = TemporalConnection['options'];

export interface CurrentOptionsOptions {
  readonly temporal: Pick<TemporalConnection, 'options' | 'files'>;
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined;
}

/**
 * Returns the options of a connection to Temporal as their files hold them now: the same object until a file changes.
 * Files that can't be used, such as a new certificate beside the old key, change nothing but the log.
 */
export function createCurrentOptions({ temporal, logger }: CurrentOptionsOptions): () => Options {
  const { files } = temporal;
  let { options } = temporal;
  if (files === undefined) return () => options;
  let seen = fingerprint(files);
  return () => {
    const print = fingerprint(files);
    if (print === seen) return options;
    seen = print;
    const read = usableOptions(files);
    if (typeof read === 'string') {
      logger?.warn(
        { files: files.paths, reason: read },
        'new certificates or a new API key for Temporal are of no use yet',
      );
    } else {
      options = read;
      logger?.info({ files: files.paths }, 'new certificates or a new API key for Temporal are used from now on');
    }
    return options;
  };
}

/** Changes with the content. Kubernetes replaces a link, so neither times nor sizes tell. */
function fingerprint({ paths }: ConnectionFiles): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = contentOf(path);
    hash.update(`${String(content.length)}:`).update(content);
  }
  return hash.digest('base64');
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** The options, or why they can't be used. The texts hold nothing of the files. */
function usableOptions(files: ConnectionFiles): Options | string {
  let options: Options;
  try {
    options = files.read();
  } catch {
    return 'a file is missing, empty or cannot be read';
  }
  return problemOf(options) ?? options;
}

function problemOf({ tls, apiKey }: Options): string | undefined {
  if (typeof apiKey === 'string' && !/^[\x21-\x7e]+$/.test(apiKey)) return 'the API key is not one line of ASCII';
  if (typeof tls !== 'object' || tls === null) return undefined;
  const { clientCertPair: pair, serverRootCACertificate: authority } = tls;
  if (authority !== undefined && !holdsCertificates(authority)) return "the server's CA certificate is incomplete";
  if (pair === undefined) return undefined;
  if (!holdsCertificates(pair.crt)) return 'the certificate is incomplete';
  return belongTogether(pair) ? undefined : 'the certificate and the key do not belong together';
}

/** Whether each certificate of a PEM file is complete. A key or a list of revoked certificates may stand beside them. */
function holdsCertificates(pem: Uint8Array): boolean {
  const text = Buffer.from(pem).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1) return false;
  try {
    for (const block of blocks) new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}

function belongTogether({ crt, key }: { readonly crt: Uint8Array; readonly key: Uint8Array }): boolean {
  try {
    return new X509Certificate(crt).checkPrivateKey(createPrivateKey(Buffer.from(key)));
  } catch {
    return false;
  }
}
