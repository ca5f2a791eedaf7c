import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import type { SmsProvider } from '../sms/sms-provider.js';

/** The providers by what an activity has to know: which one to ask now, and which others are left. */
export interface SmsProviders {
  readonly names: readonly string[];
  /** The provider with this name. Throws when it is not configured any more: no other one knows of its requests. */
  named(name: string): SmsProvider;
  /** The names of those that are not in `notBy`, the preferred one first. If none is left, all names: they start over. */
  candidates(notBy: readonly string[]): readonly string[];
}

/** Throws a TypeError when two providers have one name, since results and later requests name a provider. */
export function smsProviders(given: SmsProvider | readonly SmsProvider[] | undefined): SmsProviders {
  const providers = given === undefined ? [] : 'send' in given ? [given] : given;
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`two SMS providers are named ${twice}`);
  return {
    names,
    named: (name) => {
      const found = providers.find((provider) => provider.name === name);
      if (found === undefined) throw notConfigured(name, names);
      return found;
    },
    candidates: (notBy) => {
      const left = names.filter((name) => !notBy.includes(name));
      return left.length > 0 ? left : names;
    },
  };
}

function notConfigured(asked: string, names: readonly string[]): ApplicationFailure {
  const message =
    `an earlier request went to ${asked}, and only ${asked} knows what became of it, but SMS_PROVIDER is ` +
    `${names.join(',')} now: name ${asked} there until this delivery has settled`;
  const details: FailureDetails = { repeatable: false, provider: asked };
  return ApplicationFailure.nonRetryable(message, FailureType.SmsUnanswered, details);
}
