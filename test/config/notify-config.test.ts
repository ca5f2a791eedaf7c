import { describe, expect, test } from 'vitest';
import { readWorkerConfig } from '../../src/config/worker-config.js';
import { problemsOf } from './problems.js';

const [ONE, OTHER, THIRD] = ['one', 'other', 'third'].map(
  (name) => `whsec_${Buffer.from(`a secret of tests, ${name}`).toString('base64')}`,
) as [string, string, string];

const secretsOf = (hosts: string, secret: string) =>
  readWorkerConfig({ NOTIFY_ALLOWED_HOSTS: hosts, NOTIFY_SECRET: secret }).notify?.secrets;
const problemOf = (environment: Record<string, string>) => problemsOf(() => readWorkerConfig(environment));

describe('the secrets of notifications', () => {
  test('one host needs no name before its secrets', () => {
    expect(secretsOf('hooks.example.com', ONE)).toEqual({ 'https://hooks.example.com': [ONE] });
    expect(secretsOf('http://hooks.internal:8080', `${ONE},${OTHER}`)).toEqual({
      'http://hooks.internal:8080': [ONE, OTHER],
    });
    expect(secretsOf('hooks.example.com', `hooks.example.com=${ONE}`)).toEqual({ 'https://hooks.example.com': [ONE] });
  });

  test('of several hosts each has its own, and more than one while it is rotated', () => {
    const hosts = 'hooks.example.com, http://[fd00::1]:8080';
    const secrets = `hooks.example.com=${ONE},\n http://[fd00::1]:8080=${OTHER}, hooks.example.com=${THIRD}\n`;
    expect(secretsOf(hosts, secrets)).toEqual({
      'https://hooks.example.com': [ONE, THIRD],
      'http://[fd00::1]:8080': [OTHER],
    });
  });

  test.each([
    ['a name in other letters', 'hooks.example.com', `Hooks.Example.COM=${ONE}`],
    ['a host that is written in two ways', 'HTTPS://hooks.example.com/,hooks.example.com', ONE],
    ['a comma and a line break too many', 'hooks.example.com,\n', `${ONE},\n`],
    ['spaces around the name', 'hooks.example.com', ` hooks.example.com = ${ONE}`.replace('= ', '=')],
  ])('forgives %s', (_, hosts, secret) => {
    expect(secretsOf(hosts, secret)).toEqual({ 'https://hooks.example.com': [ONE] });
  });

  test.each([
    ['one secret for two hosts', 'a.example,b.example', ONE, 'must name the host of each secret, as in'],
    ['a secret of no host', 'a.example,b.example', `a.example=${ONE},${OTHER}`, 'must name the host of each secret'],
    ['a host without a secret', 'a.example,b.example', `a.example=${ONE}`, 'must have a secret for each host of'],
    ['a host that is not allowed', 'a.example', `a.example=${ONE},b.example=${OTHER}`, 'must name only hosts of'],
    ['the other scheme', 'http://a.example', `a.example=${ONE}`, 'must name only hosts of NOTIFY_ALLOWED_HOSTS'],
    [
      'two hosts with one secret',
      'a.example,b.example',
      `a.example=${ONE},b.example=${ONE}`,
      'must have another secret',
    ],
    ['no secret at all', 'a.example', 'a.example=', 'must be one or more secrets of the form'],
    ['a secret that is none', 'a.example', 'a.example=whsec_%', 'must be one or more secrets of the form'],
    ['a name that is none', 'a.example', `a b=${ONE}`, 'must be one or more secrets of the form'],
    ['only commas', 'a.example', ',', 'must be one or more secrets of the form'],
  ])('refuses %s at the start, and repeats no secret', (_, hosts, secret, problem) => {
    const { problems, message } = problemOf({ NOTIFY_ALLOWED_HOSTS: hosts, NOTIFY_SECRET: secret });
    expect(problems).toEqual({ NOTIFY_SECRET: expect.stringContaining(problem) as string });
    expect(message).not.toMatch(/whsec_[A-Za-z0-9+/%]/);
  });

  test('reports a wrong host alone, whatever the secrets are', () => {
    expect(problemOf({ NOTIFY_ALLOWED_HOSTS: 'a b', NOTIFY_SECRET: `a.example=${ONE}` }).problems).toEqual({
      NOTIFY_ALLOWED_HOSTS: expect.stringMatching(/^must be one or more hosts/) as string,
    });
  });

  test('in production no secret may be short', () => {
    const short = `whsec_${Buffer.from('0123456789abcdefghijklm').toString('base64')}`;
    const long = `whsec_${Buffer.from('0123456789abcdefghijklmn').toString('base64')}`;
    const production = { NODE_ENV: 'production', NOTIFY_ALLOWED_HOSTS: 'a.example' };
    expect(readWorkerConfig({ ...production, NOTIFY_SECRET: long }).notify).toBeDefined();
    const { problems } = problemOf({ ...production, NOTIFY_SECRET: `a.example=${long},a.example=${short}` });
    expect(problems).toEqual({ NOTIFY_SECRET: expect.stringContaining('at least 24 bytes') as string });
  });

  test('needs both variables', () => {
    expect(Object.keys(problemOf({ NOTIFY_ALLOWED_HOSTS: 'a.example' }).problems)).toEqual(['NOTIFY_SECRET']);
    expect(Object.keys(problemOf({ NOTIFY_SECRET: ONE }).problems)).toEqual(['NOTIFY_ALLOWED_HOSTS']);
  });
});
