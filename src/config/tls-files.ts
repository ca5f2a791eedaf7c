import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { ConfigurationProblem } from './configuration-error.js';

/** Temporal's TLS settings, as far as they are checked. */
interface Tls {
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array } | null | undefined;
  readonly serverRootCACertificate?: Uint8Array | null | undefined;
}
type Part = 'CLIENT_CERT' | 'CLIENT_KEY' | 'SERVER_CA_CERT';

/**
 * What is wrong with the certificates and the key of a connection: no PEM, expired, or not a pair. gRPC would wait without
 * end, or name no variable. `nameOf`: the variable that a part comes from.
 */
export function tlsProblems(
  tls: Tls | boolean | null | undefined,
  nameOf: (part: Part) => string,
): readonly ConfigurationProblem[] {
  if (typeof tls !== 'object' || tls === null) return [];
  const { clientCertPair, serverRootCACertificate } = tls;
  const problem = (part: Part, text: string | undefined) =>
    text === undefined ? [] : [{ variable: nameOf(part), problem: text }];
  const ofClient = clientCertPair
    ? [
        ...problem('CLIENT_CERT', certificateProblem(clientCertPair.crt)),
        ...problem('CLIENT_KEY', keyProblem(clientCertPair)),
      ]
    : [];
  const ofServer = serverRootCACertificate ? problem('SERVER_CA_CERT', authorityProblem(serverRootCACertificate)) : [];
  return [...ofClient, ...ofServer];
}

const NO_CERTIFICATE = 'must be a certificate in PEM (-----BEGIN CERTIFICATE-----), not changed or shortened';
const NO_KEY = 'must be a private key in PEM (-----BEGIN PRIVATE KEY-----) without a passphrase';

/** The first certificate is the client's own. Others are of the authorities that signed it. */
function certificateProblem(pem: Uint8Array): string | undefined {
  const [own, ...others] = certificatesIn(pem) ?? [];
  if (own === undefined || others.includes(undefined)) return NO_CERTIFICATE;
  return validityProblem(own);
}

/** A collection of authorities may hold some that have expired. */
function authorityProblem(pem: Uint8Array): string | undefined {
  const found = certificatesIn(pem);
  if (found === undefined || found.includes(undefined)) return NO_CERTIFICATE;
  const problems = found.map((certificate) => certificate && validityProblem(certificate));
  return problems.includes(undefined) ? undefined : problems[0];
}

function keyProblem({ crt, key }: { readonly crt: Uint8Array; readonly key: Uint8Array }): string | undefined {
  const parsed = privateKeyIn(key);
  if (parsed === undefined) return NO_KEY;
  const own = certificatesIn(crt)?.[0];
  return own === undefined || own.checkPrivateKey(parsed) ? undefined : 'must be the key of the client certificate';
}

function validityProblem({ validFrom, validTo }: X509Certificate): string | undefined {
  const now = Date.now();
  if (Date.parse(validTo) < now) return `holds a certificate that expired at ${new Date(validTo).toISOString()}`;
  if (Date.parse(validFrom) > now)
    return `holds a certificate that is not valid before ${new Date(validFrom).toISOString()}`;
  return undefined;
}

/** Undefined: no PEM that every client of Temporal reads. An entry is undefined if it is no certificate. */
function certificatesIn(pem: Uint8Array): readonly (X509Certificate | undefined)[] | undefined {
  const blocks = Buffer.from(pem)
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[^-]*-----END [A-Z0-9 ]+-----/g);
  return blocks?.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      return undefined;
    }
  });
}

function privateKeyIn(pem: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey(Buffer.from(pem));
  } catch {
    return undefined;
  }
}
