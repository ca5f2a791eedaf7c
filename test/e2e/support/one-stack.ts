import { useStack } from './use-stack.js';

/** The stack that all of ../suites share. To start it costs as much CPU as fifty deliveries. */
export const stack = useStack();
