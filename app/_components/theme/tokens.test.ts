import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
const [light = "", dark = ""] = css.split(':root[data-mantine-color-scheme="dark"]');

const tokensOf = (part: string): Record<string, string> =>
  Object.fromEntries(
    [...part.matchAll(/--dk-([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );

const SCHEMES = { light: tokensOf(light), dark: tokensOf(dark) };

/** Relative luminance of WCAG 2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string | undefined, b: string | undefined): number {
  if (!a || !b) return 0;
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ["page", "surface", "sunken", "raised", "selected"];
const TONES = ["positive", "caution", "danger", "active", "hold", "neutral"];

describe.each(Object.entries(SCHEMES))("the %s scheme", (_, tokens) => {
  test.each(["text", "text-dimmed", "placeholder", "link"])(
    "%s has text contrast on every background",
    (name) => {
      for (const ground of GROUNDS)
        expect(ratio(tokens[name], tokens[ground]), ground).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(["ring", "control-border", "chart"])("%s has graphics contrast on every background", (name) => {
    for (const ground of GROUNDS)
      expect(ratio(tokens[name], tokens[ground]), ground).toBeGreaterThanOrEqual(3);
  });

  test.each(["accent", "danger"])("white has text contrast on a button in %s", (name) => {
    expect(ratio("#ffffff", tokens[name])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(TONES)("%s text and icon have contrast on their background", (tone) => {
    expect(ratio(tokens[`${tone}-text`], tokens[`${tone}-ground`])).toBeGreaterThanOrEqual(4.5);
    expect(ratio(tokens[`${tone}-icon`], tokens[`${tone}-ground`])).toBeGreaterThanOrEqual(3);
  });
});
