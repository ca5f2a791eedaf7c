/** What Temporal's Web UI and its CLI ask of a codec server. This one decodes only. */
export const OTHER_ENDPOINTS = ['/encode', '/download'] as const;

const ENDPOINTS: readonly string[] = ['/decode', ...OTHER_ENDPOINTS];

/**
 * The endpoint that a URL asks for. By the codec protocol only the last part of the path counts, so that a proxy may serve
 * it under any prefix. People also configure an endpoint with a slash at its end.
 */
export function endpointOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  const last = `/${path.split('/').findLast((part) => part !== '') ?? ''}`;
  return ENDPOINTS.includes(last) ? last : url;
}
