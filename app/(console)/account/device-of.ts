/** The first that fits: most browsers name others than themselves too. */
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
 * What a person calls the device behind a user agent; `null` when it names neither browser nor system that we know.
 * Anybody can write anything there: it helps to recognize one's own devices and decides nothing.
 */
export function deviceOf(userAgent: string): Device | null {
  const find = <Name extends string>(names: readonly (readonly [Name, RegExp])[]) =>
    names.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "other";
  const device: Device = { browser: find(BROWSERS), system: find(SYSTEMS) };
  return device.browser === "other" && device.system === "other" ? null : device;
}
