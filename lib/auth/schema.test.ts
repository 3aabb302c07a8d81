import { describe, expect, test } from "vitest";
import { signUpInput } from "@/lib/organizations/schema";
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
