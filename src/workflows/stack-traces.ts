/**
 * The SDK formats a stack trace for every promise of a workflow, for the query `__stack_trace`, and looks each line up
 * in the source map. That was a quarter of a worker's CPU. Four lines are those of the SDK's hook and two of
 * ours, which still tell where an error came from. The build loads this module before the SDK freezes `Error`.
 */
Error.stackTraceLimit = 4;

export {};
