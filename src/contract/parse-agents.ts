import { RBM_REGIONS, type Agent, type Agents } from './agents.js';
import { bareAgentId } from './ids.js';
import { AGENT_ID_PATTERN } from './patterns.js';
import { MESSAGE_TRAFFIC_TYPES } from './rbm.js';
import { printable } from './texts.js';

/** A brand is a scope of opt-outs and part of their workflow ids. */
const BRAND_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Parses RBM_AGENTS: agents separated by commas, each an agent's id and then, separated by spaces, `type=…`, `region=…`
 * and `brand=…` as needed. Empty entries are left out. Returns no agents if the text is unset or empty. Throws a TypeError
 * that lists everything that is wrong. It names agents and attributes, and repeats no wrong value.
 */
export function parseAgents(text: string | undefined): Agents {
  if (text === undefined || text.trim() === '') return [];
  const problems: string[] = [];
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  if (entries.length === 0) throw new TypeError('there is no agent');
  const parsed = entries.flatMap((entry, index) => agentOf(entry, index + 1, problems) ?? []);
  const agents = withoutRepetitions(parsed, problems);
  problems.push(...brandProblems(agents));
  if (problems.length > 0) throw new TypeError(problems.join('; '));
  return agents;
}

/** Attribute names as people write them, and the field of each. */
const ATTRIBUTES = { type: 'messageTrafficType', region: 'region', brand: 'brand' } as const;
type Attribute = keyof typeof ATTRIBUTES;
const isAttribute = (name: string): name is Attribute => Object.hasOwn(ATTRIBUTES, name);
const names = Object.keys(ATTRIBUTES) as Attribute[];

const RULES: Readonly<Record<Attribute, string>> = {
  type: `must be one of ${MESSAGE_TRAFFIC_TYPES.join(', ')}`,
  region: `must be one of ${RBM_REGIONS.join(', ')}`,
  brand: 'must have 1 to 64 characters out of A-Z a-z 0-9 . _ - and begin with a letter or a digit',
};

/** The fields of an agent that an attribute sets; undefined if its value is wrong. */
function fieldOf(name: Attribute, value: string): Partial<Agent> | undefined {
  switch (name) {
    case 'type': {
      const messageTrafficType = MESSAGE_TRAFFIC_TYPES.find((type) => type === value.toUpperCase());
      return messageTrafficType && { messageTrafficType };
    }
    case 'region': {
      const region = RBM_REGIONS.find((one) => one === value.toLowerCase());
      return region && { region };
    }
    case 'brand':
      return BRAND_PATTERN.test(value) ? { brand: value } : undefined;
  }
}

/** Undefined if the entry names no agent. */
function agentOf(entry: string, position: number, problems: string[]): Agent | undefined {
  // Spaces around "=" are harmless.
  const [id = '', ...attributes] = entry
    .trim()
    .replace(/\s*=\s*/g, '=')
    .split(/\s+/);
  if (!AGENT_ID_PATTERN.test(id)) {
    problems.push(`entry ${position} must begin with an agent's id`);
    return undefined;
  }
  const agentId = bareAgentId(id);
  const seen = new Set<string>();
  let agent: Agent = { agentId };
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, Math.max(equals, 0)).toLowerCase();
    const field = isAttribute(name) ? fieldOf(name, attribute.slice(equals + 1)) : undefined;
    const problem = problemOf(name, { equals, isRepeated: seen.has(name), isValid: field !== undefined });
    if (problem !== undefined) problems.push(`agent ${agentId}: ${problem}`);
    seen.add(name);
    agent = { ...agent, ...field };
  }
  return agent;
}

interface Reading {
  readonly equals: number;
  readonly isRepeated: boolean;
  readonly isValid: boolean;
}

function problemOf(name: string, { equals, isRepeated, isValid }: Reading): string | undefined {
  if (equals < 1) return `only ${names.map((one) => `${one}=…`).join(', ')} may follow the id`;
  if (!isAttribute(name)) return `there is no attribute ${printable(name)}, only ${names.join(', ')}`;
  if (isRepeated) return `${name} is given twice`;
  return isValid ? undefined : `${name} ${RULES[name]}`;
}

/** An agent may be named again with the same attributes. */
function withoutRepetitions(agents: Agents, problems: string[]): Agents {
  return agents.filter((agent, index) => {
    const first = agents.findIndex(({ agentId }) => agentId === agent.agentId);
    if (first === index) return true;
    const other = agents[first];
    const different = names.filter((name) => agent[ATTRIBUTES[name]] !== other?.[ATTRIBUTES[name]]);
    if (different.length > 0) problems.push(`agent ${agent.agentId}: two entries differ in ${different.join(', ')}`);
    return false;
  });
}

/** Brands and agents are scopes of opt-outs, so two that people take for one, or one that means two things, are mistakes. */
function brandProblems(agents: Agents): string[] {
  const brands = [...new Set(agents.flatMap(({ brand }) => brand ?? []))];
  const inOtherCase = brands.flatMap((brand, index) => {
    const other = brands.slice(0, index).find((one) => one.toLowerCase() === brand.toLowerCase());
    return other === undefined ? [] : [`brand ${brand}: brand ${other} differs from it only in upper and lower case`];
  });
  const takenByAgent = brands.flatMap((brand) => {
    const agent = agents.find(({ agentId }) => agentId === brand);
    const isOutside = agent !== undefined && agent.brand !== brand;
    return isOutside ? [`brand ${brand}: an agent outside this brand has the same name`] : [];
  });
  return [...inOtherCase, ...takenByAgent];
}
