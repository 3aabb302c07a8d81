import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { organizationName, setTimeZoneInput } from "./schema";

const complaintsOf = (parsed: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  parsed.error?.issues.map(({ message }) => message);

describe("S8 organizationName", () => {
  test.each([
    ["removes direction marks", "a\u202eb\u2066c\u200f", "abc"],
    ["removes invisible characters", "a\u200bb\u00ad\ufeffc", "abc"],
    ["removes control characters and line ends", "a\u0000b\u001b\n\u2028c", "abc"],
    ["normalizes to NFKC", "ＡＢＣ ﬁ①", "ABC fi1"],
    ["normalizes after it removed invisible characters", "e\u200b\u0301", "é"],
    ["trims spaces, including wide ones", "\u3000 组织 \u00a0", "组织"],
  ])("organizationName %s", (_, typed, name) => {
    expect(organizationName.parse(typed)).toBe(name);
  });

  test.each([
    ["nothing", ""],
    ["spaces", " \u3000\u00a0"],
    ["only invisible characters", "\u200b\u202e\ufeff\u0007"],
  ])("rejects an organization's name without visible characters: %s", (_, typed) => {
    expect(complaintsOf(organizationName.safeParse(typed))).toEqual(["required"]);
  });

  test("accepts names of up to 128 characters after normalization", () => {
    expect(organizationName.safeParse(`${"\u200b".repeat(500)}${"x".repeat(128)}`).success).toBe(true);
    expect(complaintsOf(organizationName.safeParse("x".repeat(129)))).toEqual(["nameLong"]);
    expect(complaintsOf(organizationName.safeParse("ﷺ".repeat(10)))).toEqual(["nameLong"]);
  });

  test("normalizes a normalized name to itself", () => {
    const character = fc.oneof(
      fc.constantFrom(...Array.from("eaＡ\u0301\u0308\u200b\u200d\u202e\u00ad\u001b\u3000가ᄀ\u1161ﬁ")),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
        const parsed = organizationName.safeParse(characters.join(""));
        if (!parsed.success) return;
        expect(parsed.data).toBe(parsed.data.normalize("NFKC"));
        expect(parsed.data).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(organizationName.parse(parsed.data)).toBe(parsed.data);
      }),
      { numRuns: 200 },
    );
  });
});

const parse = (timeZone: unknown) => setTimeZoneInput.safeParse({ timeZone });

describe("setTimeZoneInput", () => {
  test("converts the zone to this server's name for it", () => {
    expect(parse("europe/berlin").data).toEqual({ timeZone: "Europe/Berlin" });
    expect(parse("Asia/Kolkata").data).toEqual(parse("Asia/Calcutta").data);
  });

  test.each([
    [undefined, "required"],
    ["", "required"],
    ["Mars/Olympus", "invalid"],
    ["+08:00", "invalid"],
    [`Asia/Shanghai${"x".repeat(1_000)}`, "invalid"],
  ])("rejects the zone %j with %s", (timeZone, message) => {
    expect(parse(timeZone).error?.issues).toMatchObject([{ path: ["timeZone"], message }]);
  });
});
