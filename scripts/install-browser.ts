import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";
const PACKAGES = ["chromium", "fonts-noto-cjk"];

const isThere = () => existsSync(DEBIAN_CHROMIUM) || existsSync(chromium.executablePath());

const succeeds = (program: string, args: string[]) =>
  spawnSync(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  }).status === 0;

/** Makes sure that there is a Chromium: Debian's package for root, Playwright's own otherwise. */
export async function installBrowser(): Promise<boolean> {
  if (isThere()) return true;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Debian's Chromium and a Chinese font …");
    succeeds("apt-get", ["update", "-qq"]);
    if (succeeds("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES]) && isThere())
      return true;
  }
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
