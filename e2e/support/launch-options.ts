import { existsSync } from "node:fs";
import type { LaunchOptions } from "@playwright/test";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** Root needs --no-sandbox; the other flags keep Chromium from asking hosts that aren't ours. */
const args = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
if (process.getuid?.() === 0) args.push("--no-sandbox");

/** Debian's Chromium where it is installed, Playwright's own elsewhere. */
export const launchOptions: LaunchOptions = existsSync(DEBIAN_CHROMIUM)
  ? { executablePath: DEBIAN_CHROMIUM, args }
  : { args };
