/** RBM "US billing model": a segment is 160 bytes of UTF-8. */
const SEGMENT = 160;

export const isUs = (phone: string): boolean => phone.startsWith('+1');

const segments = (text: string) => ({
  classificationType: 'RICH_MESSAGE',
  segmentCount: Math.max(1, Math.ceil(Buffer.byteLength(text) / SEGMENT)),
});

/** What create answers for US numbers alone: the carrier, how the message is billed, and its size. */
export function usFields(phone: string, content: Readonly<Record<string, unknown>>, carrier = 'SIMULATED_CARRIER') {
  if (!isUs(phone)) return {};
  const { text, suggestions } = content;
  const isRich = typeof text === 'string' && !hasMediaSuggestion(suggestions);
  return {
    carrier,
    richMessageClassification: isRich ? segments(text) : { classificationType: 'RICH_MEDIA_MESSAGE' },
    // An int64 is a string in Google's JSON.
    totalPayloadSizeBytes: String(Buffer.byteLength(JSON.stringify(content))),
  };
}

/** Replies, dialling and a URL in the browser keep a text a Rich Message. Every other action makes it Rich Media. */
function hasMediaSuggestion(suggestions: unknown): boolean {
  const list: unknown[] = Array.isArray(suggestions) ? suggestions : [];
  return list.some((suggestion) => {
    const { action } = suggestion as { readonly action?: Readonly<Record<string, unknown>> };
    if (action === undefined) return false;
    const url = action['openUrlAction'] as { readonly application?: string } | undefined;
    return url === undefined ? action['dialAction'] === undefined : url.application === 'WEBVIEW';
  });
}

/** How a user's message or tap is billed, for US numbers alone. */
export function userMessageClassification(phone: string, content: UserMessageContent) {
  if (!isUs(phone)) return {};
  const tap = content.suggestionResponse;
  const isAction = tap?.type === 'ACTION';
  return {
    richMessageClassification: isAction
      ? { classificationType: 'SUGGESTED_ACTION_CLICK' }
      : segments(tap?.text ?? content.text ?? ''),
  };
}

interface UserMessageContent {
  readonly text?: string;
  readonly suggestionResponse?: { readonly text: string; readonly type: string };
}
