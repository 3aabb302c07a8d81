import { existsSync } from "node:fs";

/** What Playwright starts elsewhere too when it shows no window: half the work of the whole browser. */
export const DEBIAN_SHELL = "/usr/bin/chromium-headless-shell";
const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** Debian's Chromium, without its window where that is installed; none: Playwright's own is looked for. */
export const debianBrowser = (): string | undefined =>
  [DEBIAN_SHELL, DEBIAN_CHROMIUM].find((path) => existsSync(path));
