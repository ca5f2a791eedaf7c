import type { Agents } from './agents.js';
import { bareAgentId } from './agents.js';
import type { Clock } from './clock.js';
import { keywordFor } from './opt-out-keywords.js';
import type { OptOutMoment, OptOutRequest, OptOutWords } from './opt-out-script.js';
import { readOptOutRequest } from './opt-out-script.js';
import type { Phones } from './phones.js';
import type { EventBody } from './rbm-events.js';
import { userEvent, userMessage } from './rbm-events.js';
import type { MessageTruth, OptOutTruth, Truth } from './truth.js';
import type { PostEvent } from './webhook-sender.js';

/** Something that reaches a person. */
interface Reach {
  readonly channel: 'rcs' | 'sms';
  readonly phone: string;
  /** Of an SMS. */
  readonly sender?: string | undefined;
}

/** What people want. They say it when they are asked to (`say`) or by their phone's script. */
export interface OptOuts {
  /** The person opts out, or in again, now. Throws a ZodError if the request is not valid, a TypeError without an agent. */
  readonly say: (request: OptOutRequest) => void;
  /** Something happened to a message. The phone's script may let the person opt out then. */
  readonly happened: (
    when: OptOutMoment,
    about: { readonly phone: string; readonly agentId?: string | undefined },
  ) => void;
  /** Whether the message is a promotion that the person does not want any more. */
  readonly isUnwanted: (message: MessageTruth, reach: Reach) => boolean;
  /** Whether the person texted STOP to this sender of SMS. The provider then refuses its SMS. */
  readonly hasStoppedSms: (phone: string, sender: string | undefined) => boolean;
}

export interface OptOutsDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly agents: Agents;
  readonly truth: Truth;
  readonly post: PostEvent;
}

export function createOptOuts({ clock, timeScale, phones, agents, truth, post }: OptOutsDeps): OptOuts {
  const said = new Map<string, OptOutTruth[]>();

  function record(phone: string, entry: OptOutTruth) {
    said.set(phone, [...(said.get(phone) ?? []), entry]);
    truth.said(phone, entry);
  }

  /** RBM sends two things: a user event and the keyword as the user's text. Their order is not promised. */
  function sayByRcs(phone: string, agentId: string, { says, parts, sendTime, keyword }: OptOutWords) {
    const entry: OptOutTruth = { at: clock.now(), says, channel: 'rcs', agentId };
    record(phone, entry);
    const subject = { phone, agentId };
    const now = new Date(clock.now()).toISOString();
    const event: EventBody = { ...userEvent(subject, says), ...(sendTime ? { sendTime: now } : {}) };
    const message: EventBody = userMessage(subject, { text: keyword ?? keywordFor(phone, says) }, now);
    const bodies = { eventThenKeyword: [event, message], keywordThenEvent: [message, event] };
    const chosen = parts === 'event' ? [event] : parts === 'keyword' ? [message] : bodies[parts];
    for (const body of chosen) {
      post(body, () => {
        entry.heardAt ??= clock.now();
      });
    }
  }

  function say(phone: string, agentId: string | undefined, { channel, sender, ...words }: OptOutWords) {
    if (channel === 'sms') {
      record(phone, { at: clock.now(), says: words.says, channel, ...(sender === undefined ? {} : { sender }) });
      return;
    }
    const agent = agentId ?? truth.ofSms({ to: phone })?.agentId;
    if (agent === undefined) throw new TypeError('agentId: no agent has written to this phone yet');
    sayByRcs(phone, bareAgentId(agent), { channel, ...words });
  }

  /** The last thing that a person said decides. */
  const isOut = (phone: string, concerns: (entry: OptOutTruth) => boolean) =>
    said.get(phone)?.findLast(concerns)?.says === 'UNSUBSCRIBE';
  const isOfSender = (entry: OptOutTruth, sender: string | undefined) =>
    entry.channel === 'sms' && (entry.sender === undefined || entry.sender === sender);

  return {
    say(request) {
      const { phone, agentId, after, ...words } = readOptOutRequest(request);
      if (after === 0) say(phone, agentId, words);
      else
        clock.setTimer(after * timeScale, () => {
          say(phone, agentId, words);
        });
    },
    happened(when, { phone, agentId }) {
      for (const { when: moment, after, ...words } of phones.behaviourOf(phone).optOut) {
        if (moment !== when) continue;
        if (after === 0) say(phone, agentId, words);
        else
          clock.setTimer(after * timeScale, () => {
            say(phone, agentId, words);
          });
      }
    },
    isUnwanted({ messageTrafficType, agentId = '' }, { channel, phone, sender }) {
      if (messageTrafficType !== 'PROMOTION') return false;
      const brand = agents.brandOf(agentId);
      const isOfBrand = (entry: OptOutTruth) => entry.agentId !== undefined && agents.brandOf(entry.agentId) === brand;
      if (isOut(phone, isOfBrand)) return true;
      return channel === 'sms' && isOut(phone, (entry) => isOfSender(entry, sender));
    },
    hasStoppedSms: (phone, sender) => isOut(phone, (entry) => isOfSender(entry, sender)),
  };
}
