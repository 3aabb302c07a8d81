/** Served under any host name, for probes of a single process. */
const ANY_HOST = /^\/(?:healthz|readyz|metrics|api)(?:\/|\?|$)/;

/** Prevents a redirect loop behind a proxy that rewrites the host. */
const REDIRECTED_COOKIE = "dingkeep.led";
const REDIRECTED_SECONDS = 10;

type Request = {
  readonly host: string | undefined;
  readonly url: string;
  readonly cookie: string | undefined;
};

function hostIn(host: string, ownUrl: URL): string | null {
  const address = `${ownUrl.protocol}//${host}`;
  return URL.canParse(address) ? new URL(address).host : null;
}

const wasRedirected = (cookie = "") => cookie.split(/;\s*/).includes(`${REDIRECTED_COOKIE}=1`);

/** Redirects a page under another host than `NEXTAUTH_URL`, where its actions would fail (S4); `null` if not needed. */
export function toOwnAddress({ host, url, cookie }: Request, ownUrl: string) {
  const own = new URL(ownUrl);
  if (host === undefined || hostIn(host, own) === own.host) return null;
  if (ANY_HOST.test(url) || wasRedirected(cookie)) return null;
  // Concatenated instead of resolved, so that `//elsewhere` remains a path of this origin.
  const location = new URL(own.origin + (url.startsWith("/") ? url : "/"));
  return {
    location: location.href,
    "set-cookie": `${REDIRECTED_COOKIE}=1; Max-Age=${REDIRECTED_SECONDS}; Path=/; HttpOnly; SameSite=Lax`,
    "cache-control": "no-store",
  };
}
