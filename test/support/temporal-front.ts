import { once } from 'node:events';
import { connect, constants, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Authority } from './certificates.js';

/** A TLS front of a Temporal server that asks for client certificates, and notes what clients show. */
export interface TemporalFront {
  readonly address: string;
  /** The common name of each connection's certificate, in order. */
  readonly names: readonly string[];
  /** The header `authorization` of each call, in order. */
  readonly authorizations: readonly (string | undefined)[];
  /** From now on connections with this common name are closed. */
  refuse(name: string): void;
  /** Closes every connection. */
  cut(): void;
  stop(): Promise<void>;
}

export interface TemporalFrontOptions {
  readonly authority: Authority;
  /** `host:port` of a Temporal server without TLS. */
  readonly temporal: string;
}

export async function startTemporalFront({ authority, temporal }: TemporalFrontOptions): Promise<TemporalFront> {
  const { certificate: cert, key } = authority.issue('front');
  const names: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const refused = new Set<string>();
  const sessions = new Set<ServerHttp2Session>();
  const upstream = connect(`http://${temporal}`);
  upstream.on('error', () => undefined);
  const server = createSecureServer({
    cert,
    key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('session', (session) => {
    const name = (session.socket as TLSSocket).getPeerCertificate().subject.CN;
    names.push(name);
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
    if (refused.has(name)) session.destroy();
  });
  server.on('stream', (stream, headers) => {
    authorizations.push(headers.authorization);
    const call = upstream.request({ ...headers, ':scheme': 'http' });
    let trailers: IncomingHttpHeaders = {};
    call.on('trailers', (last: IncomingHttpHeaders) => {
      trailers = last;
    });
    call.on('response', (head, flags) => {
      if (stream.destroyed) return;
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(head, endStream ? { endStream } : { waitForTrailers: true });
    });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
    stream.on('close', () => {
      call.close();
    });
    for (const one of [stream, call]) one.on('error', () => undefined);
    stream.pipe(call);
    call.pipe(stream);
  });
  server.on('sessionError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const session of sessions) session.destroy();
  };
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    names,
    authorizations,
    refuse: (name) => refused.add(name),
    cut,
    stop: async () => {
      cut();
      upstream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
