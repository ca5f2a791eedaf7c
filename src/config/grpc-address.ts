/** A host has letters of any language, digits, dots, dashes and underscores: gRPC would look up anything else for ever. */
const ADDRESS = /^(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+)(?::(\d{1,5}))?$/iu;

/** `host`, `host:port` or `[::1]:port`, without a scheme. */
export function isAddress(given: string): boolean {
  const [matches, port = '7233'] = ADDRESS.exec(given) ?? [];
  return matches !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
