import { describe, expect, test } from "vitest";
import en from "@/messages/en.json";
import { parseUserAgent } from "./parse-user-agent";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const CASES: readonly (readonly [string, string])[] = [
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, "chrome windows"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    "edge windows",
  ],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/141.0.0.0 Safari/537.36`, "chrome linux"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 OPR/120.0.0.0`, "opera linux"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "firefox linux"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "safari macos",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "safari ios",
  ],
  [
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1",
    "chrome ipados",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/143.0 Mobile/15E148 Safari/605.1.15",
    "firefox ios",
  ],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S921B) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    "samsung android",
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; V2301A; wv) ${WEBKIT} Version/4.0 Chrome/120.0 Mobile Safari/537.36 AliApp(DingTalk/7.6.0)`,
    "dingtalk android",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.60",
    "wechat ios",
  ],
  [
    `Mozilla/5.0 (Phone; OpenHarmony 5.0) ${WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1`,
    "chrome harmonyos",
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, "chrome chromeos"],
];

describe("parseUserAgent", () => {
  test.each(CASES)("recognizes the browser and system of %s", (userAgent, named) => {
    const device = parseUserAgent(userAgent);
    expect(`${device?.browser} ${device?.system}`).toBe(named);
  });

  test.each(["", "curl/8.5.0", "node", "<script>"])("recognizes no browser in %j", (userAgent) => {
    expect(parseUserAgent(userAgent)).toBeNull();
  });
});

test("every browser and system has a message", () => {
  for (const [userAgent] of CASES) {
    const device = parseUserAgent(userAgent);
    expect(en.account.browser).toHaveProperty(device?.browser ?? "none");
    expect(en.account.system).toHaveProperty(device?.system ?? "none");
  }
});
