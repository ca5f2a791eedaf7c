import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { connectWithMutualTls } from '../../examples/connect/temporal-cloud.js';

/** Creates a certificate authority and certificates for a server and a client in a temporary folder. */
function createCertificates(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rcs-tls-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-subj', `/CN=${name}`];
  openssl('req', '-x509', ...newKey('ca'), '-out', 'ca.crt', '-days', '1');
  writeFileSync(join(folder, 'san'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl('req', ...newKey(name), '-out', `${name}.csr`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'san'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...signed);
  }
  return folder;
}

/** Puts Temporal behind TLS that requires a client certificate of this authority. */
async function startTlsProxy(folder: string, target: { readonly host: string; readonly port: number }) {
  const pem = (name: string) => readFileSync(join(folder, name));
  const certificate = { key: pem('server.key'), cert: pem('server.crt'), ca: pem('ca.crt') };
  const options = { ...certificate, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
  const server = createServer(options, (socket) => {
    const onward = connect(target);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test('connects with a client certificate, and not without the right authority', async () => {
  const temporal = await startDevServer({ env: { ...process.env, TEMPORAL_ADDRESS: '' } });
  onTestFinished(() => temporal.stop());
  const folder = createCertificates();
  const [host = '', port] = temporal.address.split(':');
  const address = await startTlsProxy(folder, { host, port: Number(port) });
  const file = (name: string) => join(folder, name);
  const files = { certificateFile: file('client.crt'), keyFile: file('client.key') };

  const client = await connectWithMutualTls({ address, namespace: 'default', ...files, authorityFile: file('ca.crt') });
  expect((await client.workflow.count()).count).toBe(0);
  await client.connection.close();
  await expect(connectWithMutualTls({ address, namespace: 'default', ...files })).rejects.toThrow();
});
