/** Whether a host is this machine. The only name allowed is localhost: the address of any other name may change. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|\[?::1\]?|127(?:\.\d{1,3}){3})$/i.test(host);
}
