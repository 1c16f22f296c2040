/**
 * Who may ask this server. On this machine alone nobody has to prove anything, but a page elsewhere must not reach it
 * through a visitor's browser: the request has to name this machine. Elsewhere every request carries a token, which the
 * printed address brings; the page keeps it in a cookie, so that it leaves the address bar at once.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';

/** Names under which this machine calls itself: another one in `Host` is a page elsewhere that points its name here. */
const localNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** 144 bits: nobody guesses it. */
export function createToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Does only this machine reach a server that listens there? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** As an address writes it: IPv6 in brackets. */
export function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** What of a request decides: Node's own request has both. */
export interface Asking {
  readonly headers: IncomingHttpHeaders;
  /** Path and query. */
  readonly url?: string | undefined;
}

export interface Refused {
  readonly status: 401 | 403;
  readonly error: string;
}

export interface Access {
  /** Why this request is not answered, or null. */
  refusal(request: Asking): Refused | null;
  /** `Set-Cookie` for who came with the token in the address; null where there is nothing to remember. */
  cookieFor(request: Asking): string | null;
}

/** Equal in constant time, whatever the lengths. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function inQuery(url = '/'): string | null {
  const at = url.indexOf('?');
  return at < 0 ? null : new URLSearchParams(url.slice(at + 1)).get('token');
}

/** @param token undefined: the server listens on this machine alone */
export function createAccess(token: string | undefined): Access {
  if (token === undefined) {
    return {
      refusal({ headers: { host, origin } }) {
        const here = host !== undefined && localNames.has(host.replace(/:\d+$/, ''));
        if (here && (origin === undefined || origin === `http://${host}`)) return null;
        return { status: 403, error: 'server: expected a request from this machine, got another host or origin' };
      },
      cookieFor: () => null,
    };
  }
  // Cookies do not tell ports apart, and several servers may run: each has a name of its own.
  const name = `saccade_${createHash('sha256').update(token).digest('hex').slice(0, 8)}`;
  const inCookie = (cookies = ''): string | undefined =>
    cookies
      .split(/; */)
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  return {
    refusal({ headers, url }) {
      const { host, origin, authorization } = headers;
      if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
        return { status: 403, error: 'server: expected a request of its own page, got another origin' };
      }
      const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
      const given = [inQuery(url), inCookie(headers.cookie), bearer].filter((text) => typeof text === 'string');
      if (given.some((text) => same(text, token))) return null;
      const got = given.length === 0 ? 'none' : 'another one';
      return { status: 401, error: `server: expected its token, which the address it printed carries, got ${got}` };
    },
    cookieFor({ url }) {
      const given = inQuery(url);
      // Lax: a link from elsewhere opens the page, and the sockets check the origin themselves.
      return given !== null && same(given, token) ? `${name}=${token}; Path=/; HttpOnly; SameSite=Lax` : null;
    },
  };
}
