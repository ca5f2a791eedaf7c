import { SECOND } from '../../src/contract/duration.js';

/** Returns a regular expression for durations of at most `ms` milliseconds, for validators that can't compare numbers. */
export function durationUpTo(ms: number): string {
  const [whole = '', decimals = ''] = String(ms / SECOND).split('.');
  const less = wholeBelow(whole);
  const some = less.length === 0 ? [] : [`(${less.join('|')})(\\.[0-9]{1,9})?`];
  return `^(${[...some, `${whole}(\\.(${decimalsUpTo(decimals).join('|')}))?`].join('|')})s$`;
}

/** Smaller whole numbers: those with fewer digits, or with the same first digits, then a smaller one, then any. */
function wholeBelow(whole: string): string[] {
  const fewer = whole.length === 1 ? [] : ['0', `[1-9][0-9]{0,${whole.length - 2}}`];
  const first = whole.length === 1 ? 0 : 1;
  const smaller = Array.from(whole).flatMap((digit, at) =>
    Number(digit) > (at === 0 ? first : 0)
      ? [`${whole.slice(0, at)}[${at === 0 ? first : 0}-${Number(digit) - 1}][0-9]{${whole.length - 1 - at}}`]
      : [],
  );
  return [...fewer, ...smaller];
}

/** Decimals of at most this value, up to nine digits. Missing digits count as zeros. */
function decimalsUpTo(decimals: string): string[] {
  const smaller = Array.from(decimals).flatMap((digit, at) => {
    const same = decimals.slice(0, at);
    const below = digit === '0' ? [] : [`${same}[0-${Number(digit) - 1}][0-9]{0,${8 - at}}`];
    return at === 0 ? below : [same, ...below];
  });
  return [...smaller, decimals === '' ? '0{1,9}' : `${decimals}0{0,${9 - decimals.length}}`];
}
