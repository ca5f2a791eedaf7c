/** An encrypted payload's encoding: as in Temporal's own samples, so that every tool shows such a payload as encrypted. */
export const ENCRYPTED = 'binary/encrypted';
