import type { TimelineEntry } from '../contract/status.js';
import { eventSentence } from '../contract/event-words.js';
import { clock, sinceStart, wholeTime } from './format.js';
import { painter, type Screen } from './printer.js';
import { oneLine } from './safe-text.js';
import { hanging } from './wrap.js';

/**
 * `00:02:05Z  +2m 5s  webhook   DELIVERED: the phone has the RCS message`: the time in UTC, and since the first entry. A
 * timeline of several days shows the dates too.
 */
export function timelineLines(timeline: readonly TimelineEntry[], { colour, columns }: Omit<Screen, 'now'>): string[] {
  const paint = painter(colour);
  const start = Date.parse(timeline[0]?.time ?? '');
  const days = new Set(timeline.map(({ time }) => wholeTime(time).slice(0, 10)));
  const rows = timeline.map((entry) => ({
    at: days.size > 1 ? wholeTime(entry.time) : wholeTime(entry.time).slice(11),
    since: sinceStart(Date.parse(entry.time) - start),
    source: oneLine(entry.source),
    sentence: shortTimes(oneLine(eventSentence(entry)), entry.time),
  }));
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const [sinceWidth, sourceWidth] = [widest(rows.map(({ since }) => since)), widest(rows.map(({ source }) => source))];
  return rows.flatMap(({ at, since, source, sentence }) => {
    const times = `${at}  ${since.padStart(sinceWidth)}`;
    const [first = '', ...more] = hanging(`${times}  ${source.padEnd(sourceWidth)}  `, sentence, columns);
    return [`${paint('dim', times)}${first.slice(times.length)}`, ...more];
  });
}

/** The times of a detail, as on a clock. */
const shortTimes = (text: string, at: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, (time) => clock(time, Date.parse(at)));
