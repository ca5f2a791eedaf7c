/** The words by country code: to leave, and to come back (RBM "Receive events"). */
const KEYWORDS: Readonly<Record<string, readonly [unsubscribe: string, subscribe: string]>> = {
  '+33': ['STOP', 'Démarrer'],
  '+34': ['BAJA', 'ALTA'],
  '+52': ['BAJA', 'ALTA'],
  '+55': ['parar', 'começar'],
};

/** The keyword that a phone of this country sends. */
export function keywordFor(phone: string, says: 'UNSUBSCRIBE' | 'SUBSCRIBE'): string {
  const country = Object.keys(KEYWORDS).find((code) => phone.startsWith(code)) ?? '';
  const [unsubscribe, subscribe] = KEYWORDS[country] ?? ['STOP', 'START'];
  return says === 'UNSUBSCRIBE' ? unsubscribe : subscribe;
}
