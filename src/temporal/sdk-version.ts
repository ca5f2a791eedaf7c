import { createRequire } from 'node:module';
import { Client, Connection, WorkflowClient } from '@temporalio/client';
import { isObject } from '../contract/check.js';
import { SdkVersionError } from './sdk-version-error.js';

/**
 * Throws unless the client is one of the SDK's that this package works with: the same minor version, from any copy. What is
 * no object of the SDK's, such as a fake in a test, may have any methods beside those that are used first.
 */
export function checkClient(client: unknown, kind: 'Client' | 'WorkflowClient'): void {
  const workflow = kind === 'Client' && isObject(client) ? client['workflow'] : client;
  if (!isObject(workflow) || typeof workflow['getHandle'] !== 'function')
    throw new TypeError(`client must be a ${kind} of @temporalio/client${HINTS[kind]}`);
  const expected = ownVersion('@temporalio/client');
  if (expected === undefined) return;
  const isForeign =
    isObject(client) && isOfTheSdk(client) && !(client instanceof Client || client instanceof WorkflowClient);
  const stated = versionOf(workflow['connection']);
  // What the client does not know it leaves out in silence, also over a connection of this version.
  const isUnstated = stated === undefined || workflow['connection'] instanceof Connection;
  const versions = isForeign && isUnstated ? otherVersions('@temporalio/client') : [stated ?? expected];
  const given = versions.find((version) => minor(version) !== minor(expected));
  if (given === undefined && versions.length > 0) return;
  throw new SdkVersionError({ what: 'the client', package: '@temporalio/client', given, expected });
}

const HINTS = { Client: '', WorkflowClient: ": a Client's property `workflow`" } as const;

/**
 * Throws unless the connection is one of this package's own copy of @temporalio/worker, of which `ours` says whether it is.
 * Its native half can't be used by another version.
 */
export function checkNativeConnection(connection: unknown, ours: boolean): void {
  if (ours) return;
  if (!isObject(connection) || nameOfClass(connection) === 'Connection')
    throw new TypeError('connection must be a NativeConnection of @temporalio/worker');
  const name = '@temporalio/worker';
  const expected = ownVersion(name);
  if (expected === undefined || !isOfTheSdk(connection)) return;
  const others = otherVersions(name);
  if (others.length > 0 && others.every((version) => version === expected)) return;
  throw new SdkVersionError({
    what: 'the connection',
    package: name,
    given: others.find((version) => version !== expected),
    expected,
  });
}

/** As its `Connection` says it to the server. Undefined for a `NativeConnection`. */
function versionOf(connection: unknown): string | undefined {
  const options = isObject(connection) ? connection['options'] : undefined;
  const metadata = isObject(options) ? options['metadata'] : undefined;
  const version = isObject(metadata) ? metadata['client-version'] : undefined;
  return typeof version === 'string' && /^\d+\.\d+\./.test(version) ? version : undefined;
}

const CLASSES = ['Client', 'WorkflowClient', 'NativeConnection', 'InternalNativeConnection'];

const isOfTheSdk = (value: object): boolean => CLASSES.includes(nameOfClass(value));

function nameOfClass(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : '';
}

const minor = (version: string): string => version.split('.', 2).join('.');

const requireHere = createRequire(import.meta.url);

/** Undefined in a program that was bundled into one file. */
function ownVersion(name: string): string | undefined {
  try {
    return (requireHere(`${name}/package.json`) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}

/** The versions of the other copies that this process has loaded: each of them reads its own package.json. */
function otherVersions(name: string): string[] {
  const own = requireHere.resolve(`${name}/package.json`);
  return Object.values(requireHere.cache).flatMap((module) => {
    if (module === undefined || module.id === own) return [];
    const isCopy = module.id.replaceAll('\\', '/').endsWith(`node_modules/${name}/package.json`);
    return isCopy ? [(module.exports as { readonly version: string }).version] : [];
  });
}
