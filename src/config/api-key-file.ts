import { readFileSync } from 'node:fs';

/** gRPC can send nothing else in a header, and its error would repeat the key. */
export const API_KEY = /^[\x21-\x7e]+$/;

/** The variables with the API key of TEMPORAL_API_KEY_FILE. Throws if the file can't be read or holds no key. */
export function withKeyOfFile(set: Record<string, string>): Record<string, string> {
  const path = set['TEMPORAL_API_KEY_FILE'];
  if (path === undefined) return set;
  const apiKey = readFileSync(path, 'utf8').trim();
  if (!API_KEY.test(apiKey)) throw new Error('the file of the API key holds none');
  return { ...set, TEMPORAL_API_KEY: apiKey };
}

/** False if the file holds no key, or if there is a key besides it. True without a file. */
export function hasUsableKeyFile(set: Record<string, string>): boolean {
  if (set['TEMPORAL_API_KEY_FILE'] === undefined) return true;
  try {
    return set['TEMPORAL_API_KEY'] === undefined && withKeyOfFile(set)['TEMPORAL_API_KEY'] !== undefined;
  } catch {
    return false;
  }
}
