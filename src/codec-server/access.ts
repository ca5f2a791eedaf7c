import { createHash, timingSafeEqual } from 'node:crypto';

/** Who asks: named by the token's place in the configuration, so that an audit can tell callers apart. undefined: nobody known. */
export type Authenticate = (authorization: string | undefined) => string | undefined;

/** Every token is compared, each in constant time. Without tokens everybody is `anonymous`. */
export function createAuthenticate(tokens: readonly string[] | undefined): Authenticate {
  if (tokens === undefined) return () => 'anonymous';
  const known = tokens.map(digest);
  return (authorization = '') => {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    const place = known.map((token) => timingSafeEqual(token, given)).indexOf(true);
    return place === -1 ? undefined : `caller ${String(place + 1)}`;
  };
}

/** Of equal length, whatever the token's. */
const digest = (token: string) => createHash('sha256').update(token).digest();
