import type { MantineColorScheme, MantineColorSchemeManager } from "@mantine/core";

export const SCHEME_COOKIE = "dingkeep.scheme";

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function parseScheme(value: string | undefined): MantineColorScheme {
  return value === "light" || value === "dark" ? value : "auto";
}

/** Sets a choice of this browser that the server has to know before it renders. It decides nothing but looks. */
export function setPreferenceCookie(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // oxlint-disable-next-line unicorn/no-document-cookie -- the Cookie Store API is not in every browser we serve
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}

/** The choice stands in a cookie, so that the server renders it and nothing flashes. */
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
