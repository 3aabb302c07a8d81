/** First match wins, because most browsers also name others. */
const BROWSERS = [
  ["dingtalk", /DingTalk/i],
  ["wechat", /MicroMessenger|WeChat/i],
  ["edge", /\bEdg(?:e|A|iOS)?\//],
  ["opera", /\bOPR\/|\bOPT\/|\bOpera\b/],
  ["samsung", /SamsungBrowser\//],
  ["firefox", /\bFirefox\/|\bFxiOS\//],
  ["chrome", /\b(?:Headless)?Chrome\/|\bCriOS\/|\bChromium\//],
  ["safari", /\bVersion\/[\d.]+.*\bSafari\//],
] as const;

const SYSTEMS = [
  ["harmonyos", /HarmonyOS|OpenHarmony/i],
  ["ipados", /\biPad\b/],
  ["ios", /\biPhone\b|\biPod\b/],
  ["android", /\bAndroid\b/],
  ["windows", /\bWindows\b/],
  ["chromeos", /\bCrOS\b/],
  ["macos", /\bMacintosh\b|\bMac OS X\b/],
  ["linux", /\bLinux\b|\bX11\b/],
] as const;

type Device = {
  readonly browser: (typeof BROWSERS)[number][0] | "other";
  readonly system: (typeof SYSTEMS)[number][0] | "other";
};

/**
 * Returns the browser and system of a user agent; `null` when neither is known. User agents can be forged, so this
 * only helps users recognize their own devices.
 */
export function parseUserAgent(userAgent: string): Device | null {
  const find = <Name extends string>(names: readonly (readonly [Name, RegExp])[]) =>
    names.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "other";
  const device: Device = { browser: find(BROWSERS), system: find(SYSTEMS) };
  return device.browser === "other" && device.system === "other" ? null : device;
}
