import type { MantineColorScheme, MantineColorSchemeManager } from "@mantine/core";

export const SCHEME_COOKIE = "dingkeep.scheme";
/** The public id of the organization that this browser showed last. It only selects the start page. */
export const ORGANIZATION_COOKIE = "dingkeep.organization";

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function parseScheme(value: string | undefined): MantineColorScheme {
  return value === "light" || value === "dark" ? value : "auto";
}

/** Stores a preference in a cookie, because the server needs it to render. It grants nothing. */
export function setPreferenceCookie(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // oxlint-disable-next-line unicorn/no-document-cookie -- not all supported browsers have the Cookie Store API
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}

/** Keeps the color scheme in a cookie, so that the server renders it without a flash. */
export function cookieSchemeManager(initial: MantineColorScheme): MantineColorSchemeManager {
  let current = initial;
  return {
    get: () => current,
    set: (value) => {
      current = value;
      setPreferenceCookie(SCHEME_COOKIE, value);
    },
    subscribe: () => {},
    unsubscribe: () => {},
    clear: () => setPreferenceCookie(SCHEME_COOKIE, "auto"),
  };
}
