import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

/** What Playwright starts elsewhere too when it shows no window: half the work of the whole browser. */
const DEBIAN_SHELL = "/usr/bin/chromium-headless-shell";
const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** Debian's Chromium, without its window where that is installed; none: Playwright's own is looked for. */
export const debianBrowser = (): string | undefined =>
  [DEBIAN_SHELL, DEBIAN_CHROMIUM].find((path) => existsSync(path));

const PACKAGES = ["chromium-headless-shell", "fonts-noto-cjk"];
/** Where no host can be reached that is known soon; nothing that is there may go for it. */
const APT = ["-qq", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::Retries=0"];

const isThere = () => debianBrowser() !== undefined || existsSync(chromium.executablePath());

const succeeds = (program: string, args: string[]) =>
  spawnSync(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  }).status === 0;

function installPackages(): void {
  console.log("Installing Debian's Chromium without a window, and a Chinese font …");
  const install = ["install", "-y", "--no-remove", "--no-install-recommends", ...PACKAGES];
  if (succeeds("apt-get", [...APT, "update"])) succeeds("apt-get", [...APT, ...install]);
}

/** Makes sure that there is a Chromium: Debian's package for root, Playwright's own otherwise. */
export async function installBrowser(): Promise<boolean> {
  if (existsSync(DEBIAN_SHELL)) return true;
  // Beside Debian's whole browser too: the tests take two thirds of the time with it.
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
    "There is no Chromium here and none could be installed: install the package `chromium` (as root on Debian), or run `npx playwright install chromium` where its download host can be reached.",
  );
  return false;
}
