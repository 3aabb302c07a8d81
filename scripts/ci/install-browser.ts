import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

/** Playwright starts the same program when no window is needed. It does half the work of the whole browser. */
const DEBIAN_SHELL = "/usr/bin/chromium-headless-shell";
const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** Returns the path of Debian's Chromium, preferably the one without a window. Undefined if neither is installed. */
export const debianBrowser = (): string | undefined =>
  [DEBIAN_SHELL, DEBIAN_CHROMIUM].find((path) => existsSync(path));

const PACKAGES = ["chromium-headless-shell", "fonts-noto-cjk"];
/** Fails soon without a network, and never removes a package. */
const APT = ["-qq", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::Retries=0"];

const isThere = () => debianBrowser() !== undefined || existsSync(chromium.executablePath());

const succeeds = (program: string, args: string[]) =>
  spawnSync(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  }).status === 0;

function installPackages(): void {
  console.log("Installing Debian's Chromium (headless) and a Chinese font …");
  const install = ["install", "-y", "--no-remove", "--no-install-recommends", ...PACKAGES];
  if (succeeds("apt-get", [...APT, "update"])) succeeds("apt-get", [...APT, ...install]);
}

/**
 * Installs Chromium if it is missing: Debian's package for root, Playwright's own otherwise.
 *
 * @returns whether a Chromium is installed
 */
export async function installBrowser(): Promise<boolean> {
  if (existsSync(DEBIAN_SHELL)) return true;
  // The headless program is worth installing beside the whole browser: the tests take a third less time.
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) installPackages();
  if (isThere()) return true;
  console.log("Installing Playwright's Chromium …");
  if (
    succeeds(process.execPath, [
      join("node_modules", "@playwright", "test", "cli.js"),
      "install",
      "chromium",
    ]) &&
    isThere()
  )
    return true;
  console.log(
    "Chromium is missing and could not be installed. Install the package `chromium` (as root on Debian), or run `npx playwright install chromium` on a machine that can reach its download host.",
  );
  return false;
}
