import type { ConfigurationProblem } from './configuration-error.js';

/** gRPC can send nothing else in a header. Its error would repeat the value. */
export const HEADER_TEXT = /^[\x20-\x7e]*$/;

const META = 'TEMPORAL_GRPC_META_';
/** A header whose name ends in `-bin` holds bytes, which gRPC does not take as text. */
const HEADER_NAME = /^(?!.*_BIN$)[A-Z0-9_.-]+$/i;

/** TEMPORAL_GRPC_META_* are headers, too, and may hold a credential. */
export const wrongHeaders = (set: Record<string, string>): readonly ConfigurationProblem[] =>
  Object.keys(set)
    .filter((name) => name.startsWith(META))
    .flatMap((variable) => {
      if (!HEADER_NAME.test(variable.slice(META.length)))
        return [{ variable, problem: 'must name a header that holds text' }];
      return HEADER_TEXT.test(set[variable] ?? '') ? [] : [{ variable, problem: 'must be ASCII on one line' }];
    });
