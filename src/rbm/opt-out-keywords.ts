/** A word that a person sends to opt out, or to end that. */
export interface OptOutKeyword {
  /** As in RBM's list, in capitals. */
  readonly word: string;
  readonly means: 'unsubscribe' | 'subscribe';
}

/**
 * The texts that Google Messages sends beside UNSUBSCRIBE and SUBSCRIBE, by the country of the number (RBM "Receive
 * events"; the whole list is on Vonage's page "RCS Subscribe and Unsubscribe", read in November 2026). A phone without
 * that button sends what its user types. Every word counts in every country, since people move and travel.
 */
const KEYWORDS: readonly OptOutKeyword[] = [
  // Every country that is not named below.
  { word: 'STOP', means: 'unsubscribe' },
  { word: 'START', means: 'subscribe' },
  // Spain, Mexico.
  { word: 'BAJA', means: 'unsubscribe' },
  { word: 'ALTA', means: 'subscribe' },
  // France, where the other word is STOP.
  { word: 'DÉMARRER', means: 'subscribe' },
  // Brazil.
  { word: 'PARAR', means: 'unsubscribe' },
  { word: 'COMEÇAR', means: 'subscribe' },
];

/** Longer texts are no keyword, whatever their accents. UTF-16 code units, without surrounding white space. */
const LONGEST = 32;

/** Without case and accents: people leave accents out, and phones differ in how they write them. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();

const BY_PLAIN_WORD: ReadonlyMap<string, OptOutKeyword> = new Map(
  KEYWORDS.map((keyword) => [plain(keyword.word), keyword]),
);

/** The keyword that the whole text is; undefined for any other text, also for one that holds a keyword. */
export function optOutKeywordOf(text: string): OptOutKeyword | undefined {
  const trimmed = text.trim();
  return trimmed.length <= LONGEST ? BY_PLAIN_WORD.get(plain(trimmed)) : undefined;
}
