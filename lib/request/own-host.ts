/** What a machine asks is answered under any name: a probe knows the address of a process and not the configured one. */
const ANY_HOST = /^\/(?:healthz|readyz|metrics|api)(?:\/|\?|$)/;

/** Says for a moment that this browser was just led to our own address. */
const LED_COOKIE = "dingkeep.led";
const LED_SECONDS = 10;

type Request = {
  readonly host: string | undefined;
  /** As it was sent: path and query. */
  readonly url: string;
  readonly cookie: string | undefined;
};

/** The host of a request as addresses write it; `null` for what is none. */
function hostIn(host: string, ownUrl: URL): string | null {
  const address = `${ownUrl.protocol}//${host}`;
  return URL.canParse(address) ? new URL(address).host : null;
}

const wasLed = (cookie = "") => cookie.split(/;\s*/).includes(`${LED_COOKIE}=1`);

/**
 * Where a page belongs that was asked for under another name than that of `NEXTAUTH_URL`: at our own address, since
 * what it would send from there is refused (S4). `null` for what may stay.
 *
 * A proxy that writes a host of its own makes every request look so. Then the browser is at our address already, and
 * brings back the cookie that came with the first answer: it isn't led in a circle.
 *
 * @returns the headers of the redirect
 */
export function toOwnAddress({ host, url, cookie }: Request, ownUrl: string) {
  const own = new URL(ownUrl);
  if (host === undefined || hostIn(host, own) === own.host) return null;
  if (ANY_HOST.test(url) || wasLed(cookie)) return null;
  // Set beside each other, so that `//elsewhere` stays a path of ours.
  const location = new URL(own.origin + (url.startsWith("/") ? url : "/"));
  return {
    location: location.href,
    "set-cookie": `${LED_COOKIE}=1; Max-Age=${LED_SECONDS}; Path=/; HttpOnly; SameSite=Lax`,
    "cache-control": "no-store",
  };
}
