import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { organizationName, signUpInput } from "@/lib/organizations/schema";
import { changePasswordInput, email, setPasswordInput, signInInput } from "./schema";

const complaintsOf = (parsed: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  parsed.error?.issues.map(({ message }) => message);

describe("S6 password schemas", () => {
  const choices = {
    "signing up": (password: string) =>
      signUpInput.safeParse({ organization: "x", email: "a@b.cd", password }),
    "changing it": (password: string) => changePasswordInput.safeParse({ present: "x", password }),
    "setting it by a link": (password: string) => setPasswordInput.safeParse({ link: "x", password }),
  };

  test.each(Object.entries(choices))("accepts passwords of 12 to 128 characters: %s", (_, choose) => {
    expect(complaintsOf(choose("x".repeat(11)))).toEqual(["passwordShort"]);
    expect(choose("x".repeat(12)).success).toBe(true);
    expect(choose("x".repeat(128)).success).toBe(true);
    expect(complaintsOf(choose("x".repeat(129)))).toEqual(["passwordLong"]);
  });

  test("accepts short passwords at sign-in, up to 128 characters", () => {
    const signIn = (password: string) => signInInput.safeParse({ email: "a@b.cd", password });
    expect(signIn("x").success).toBe(true);
    expect(signIn("x".repeat(128)).success).toBe(true);
    expect(complaintsOf(signIn("x".repeat(129)))).toEqual(["passwordLong"]);
    const present = changePasswordInput.safeParse({ present: "x".repeat(129), password: "x".repeat(12) });
    expect(complaintsOf(present)).toEqual(["passwordLong"]);
  });

  test("keeps every typed character of a password, including spaces at the ends", () => {
    expect(signInInput.parse({ email: "a@b.cd", password: "  p  " }).password).toBe("  p  ");
  });
});

describe("e-mail schema", () => {
  test("trims and lowercases e-mails, so that nobody has two accounts", () => {
    expect(email.parse("  Ann@Example.COM ")).toBe("ann@example.com");
  });

  test.each([
    "ann",
    "ann@",
    "@example.com",
    "ann@example",
    "a nn@example.com",
    `${"a".repeat(250)}@b.cd`,
    "",
  ])("rejects the e-mail %j", (text) => {
    expect(email.safeParse(text).success).toBe(false);
  });
});

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
