/** What the demo starts runs on this machine, where no proxy of the environment can reach it. */
export function keepThisMachineOffProxies(environment: NodeJS.ProcessEnv): void {
  const given = [environment['no_proxy'], environment['NO_PROXY']].find((one) => one !== undefined && one !== '');
  environment['no_proxy'] = [...(given === undefined ? [] : [given]), 'localhost', '127.0.0.1'].join(',');
}
