/** The google.rpc code of each HTTP status (Google AIP-193, "Errors"). */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Request contains an invalid argument.',
  401: 'Request had invalid authentication credentials.',
  403: 'The caller does not have permission. If this is unexpected, retry.',
  404: 'Requested entity was not found.',
  409: 'Requested entity already exists.',
  429: 'Resource has been exhausted (e.g. check quota).',
  500: 'Internal error encountered.',
  503: 'The service is currently unavailable.',
  504: 'Deadline expired before operation could complete.',
};

/** An error body in the form of Google's REST APIs: a wrapped google.rpc.Status. */
export function googleError(status: number, message = MESSAGES[status] ?? 'Unexpected error.') {
  return {
    error: {
      code: status,
      message,
      status: CODES[status] ?? 'UNKNOWN',
      errors: [{ domain: 'global', reason: 'simulated', message }],
    },
  };
}
