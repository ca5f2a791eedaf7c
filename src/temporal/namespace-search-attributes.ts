import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../contract/search-attributes.js';
import { withDeadline } from './deadline.js';

/** Temporal's numbers for the types of search attributes (temporal.api.enums.v1.IndexedValueType). */
export const ATTRIBUTE_TYPES = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
} as const;
type AttributeType = keyof typeof ATTRIBUTE_TYPES;

const NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];

/** Which of the contract's search attributes a namespace has. */
export interface SearchAttributeCheck {
  readonly present: readonly SearchAttributeName[];
  readonly missing: readonly SearchAttributeName[];
  /** Registered under the same name but with another type, so that Temporal refuses the contract's values. */
  readonly conflicting: readonly {
    readonly name: SearchAttributeName;
    readonly type: AttributeType | 'UNKNOWN';
    readonly wanted: AttributeType;
  }[];
}

export interface NamespaceOptions {
  readonly connection: Pick<ConnectionLike, 'operatorService' | 'withDeadline'>;
  readonly namespace: string;
  /** Milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Throws gRPC's error if the namespace's attributes can't be read: this client may not, or the server lacks that API.
 */
export async function checkSearchAttributes(options: NamespaceOptions): Promise<SearchAttributeCheck> {
  const { connection, namespace, timeoutMs = 10_000 } = options;
  const { customAttributes } = await withDeadline(connection, { timeoutMs, extraMs: 500 }, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const types: Readonly<Record<string, number>> = customAttributes;
  const typeOf = (name: string) => (Object.hasOwn(types, name) ? types[name] : undefined);
  const conflicting = NAMES.flatMap((name) => {
    const number = typeOf(name);
    const wanted = SEARCH_ATTRIBUTES[name];
    return number === undefined || number === ATTRIBUTE_TYPES[wanted] ? [] : [{ name, type: nameOf(number), wanted }];
  });
  const known = NAMES.filter((name) => typeOf(name) !== undefined);
  return {
    present: known.filter((name) => !conflicting.some((conflict) => conflict.name === name)),
    missing: NAMES.filter((name) => typeOf(name) === undefined),
    conflicting,
  };
}

function nameOf(number: number): AttributeType | 'UNKNOWN' {
  const found = Object.entries(ATTRIBUTE_TYPES).find(([, value]) => value === number);
  return found === undefined ? 'UNKNOWN' : (found[0] as AttributeType);
}
