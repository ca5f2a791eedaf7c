import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../contract/search-attributes.js';

/** Temporal's numbers of the types that search attributes have (temporal.api.enums.v1.IndexedValueType). */
export const ATTRIBUTE_TYPES = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
} as const;
export type AttributeType = keyof typeof ATTRIBUTE_TYPES;

const NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];

/** Which of the contract's search attributes a namespace has. */
export interface SearchAttributeCheck {
  readonly present: readonly SearchAttributeName[];
  readonly missing: readonly SearchAttributeName[];
  /** Registered under the same name as something else: Temporal refuses our values then. */
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

/** Throws gRPC's error where the namespace won't tell: without the right to ask, or on a server without that API. */
export async function checkSearchAttributes(options: NamespaceOptions): Promise<SearchAttributeCheck> {
  const { connection, namespace, timeoutMs = 10_000 } = options;
  const { customAttributes } = await connection.withDeadline(Date.now() + timeoutMs, () =>
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
