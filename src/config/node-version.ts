/** The day after which a version of Node.js gets no security fixes (nodejs.org/en/about/previous-releases). */
const END_OF_LIFE: Readonly<Record<string, string>> = { '20': '2026-04-30', '22': '2027-04-30', '24': '2028-04-30' };
const RECOMMENDED = '24';

/** A warning if this version of Node.js gets no security fixes any more. Undefined if it does. */
export function nodeWarning(version: string = process.versions.node, now: number = Date.now()): string | undefined {
  const [major = ''] = version.split('.');
  const end = END_OF_LIFE[major];
  if (end !== undefined && now > Date.parse(end)) {
    return `Node.js ${major} has had no security fixes since ${end}: use Node.js ${RECOMMENDED}`;
  }
  const isOther = end === undefined && Number(major) < Number(RECOMMENDED);
  return isOther ? `Node.js ${major} gets no security fixes: use Node.js ${RECOMMENDED}` : undefined;
}
