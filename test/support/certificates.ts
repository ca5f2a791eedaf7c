import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of one test, in a folder of its own. Needs openssl. */
export interface Authority {
  readonly folder: string;
  readonly certificate: string;
  readonly certificateFile: string;
  /** A certificate for 127.0.0.1 and localhost, with this common name. */
  issue(name: string): Identity;
}

export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'rcs-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = (name: string) => [
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', `${name}.key`],
  ];
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  openssl('req', '-x509', ...newKey('authority'), '-out', 'authority.crt', '-days', '1');
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  return {
    folder,
    certificate: read('authority.crt'),
    certificateFile: join(folder, 'authority.crt'),
    issue: (name) => {
      openssl('req', ...newKey(name), '-out', `${name}.csr`);
      const signed = [
        '-CA',
        'authority.crt',
        '-CAkey',
        'authority.key',
        '-CAcreateserial',
        '-extfile',
        'names',
        '-days',
        '1',
      ];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...signed);
      return { certificate: read(`${name}.crt`), key: read(`${name}.key`) };
    },
  };
}
