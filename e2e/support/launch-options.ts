import type { LaunchOptions } from "@playwright/test";
import { debianBrowser } from "@/scripts/ci/install-browser";

/** Root needs --no-sandbox. The other flags prevent Chromium's own requests to other hosts. */
const args = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
if (process.getuid?.() === 0) args.push("--no-sandbox");

const executablePath = debianBrowser();

export const launchOptions: LaunchOptions = executablePath ? { executablePath, args } : { args };
