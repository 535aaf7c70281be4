import type { IncomingMessage } from 'node:http';

/** Addresses that only this machine reaches. Without access control a server listens nowhere else. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(name);
}

/**
 * Whether a request comes from a page of another site. A browser on this machine reaches a loopback server for any page it shows: such a request carries the page's Origin, or,
 * when a name was rebound to this address, a Host that is not ours.
 */
export function isForeign(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host === undefined) return false;
  if (!isLoopback(host.replace(/:[0-9]+$/, ''))) return true;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
