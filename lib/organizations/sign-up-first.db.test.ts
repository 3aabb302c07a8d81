import { expect, test } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { env } from "@/lib/env";
import { makeEmail } from "@/lib/testing/factories";
import { signUp } from "./sign-up";
import { isSignUpOpen } from "./sign-up-policy";

// The tests run in this order on an empty database.

const input = () => ({ organization: "组织", email: makeEmail(), password: "correct horse battery" });
const attempt = (address: string) => ({ address, isKnownBrowser: false });

test("S8 SIGN_UP=first accepts one of several concurrent sign-ups", async () => {
  Object.assign(env(), { SIGN_UP: "first" });
  expect(await isSignUpOpen()).toBe(true);

  const outcomes = await Promise.allSettled(
    ["198.51.100.1", "198.51.100.2", "198.51.100.3"].map((address) => signUp(input(), attempt(address))),
  );
  const { rows } = await pool().query("SELECT id FROM organization_ids");
  expect(rows).toHaveLength(1);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(outcomes.filter(({ status }) => status === "rejected")).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({ reason: expect.objectContaining({ code: "forbidden" }) }),
    ),
  );
});

test("S8 SIGN_UP=first rejects sign-ups once an organization exists", async () => {
  Object.assign(env(), { SIGN_UP: "first" });
  expect(await isSignUpOpen()).toBe(false);
  await expect(signUp(input(), attempt("198.51.100.4"))).rejects.toMatchObject({ code: "forbidden" });
});
