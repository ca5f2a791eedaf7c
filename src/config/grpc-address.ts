const ADDRESS = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@]+)(?::(\d{1,5}))?$/;

/** `host`, `host:port` or `[::1]:port`, without a scheme. */
export function isAddress(given: string): boolean {
  const [matches, port = '7233'] = ADDRESS.exec(given) ?? [];
  return matches !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
