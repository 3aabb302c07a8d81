import { hash, verify } from "@node-rs/argon2";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkCredentials } from "@/lib/auth/sign-in";
import { inOrganization } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { beginAttempt } from "@/lib/limits/sign-in-attempts";
import { toPublicId } from "@/lib/public-id";
import { makeEmail, makeOrganization, makeUser } from "@/lib/testing/factories";
import { addUserWithOrganization, createOrganization } from "./create-organization";
import { listOrganizations } from "./queries";
import { signUp } from "./sign-up";
import { isSignUpOpen } from "./sign-up-policy";

vi.mock("@node-rs/argon2", async (importOriginal) => {
  const real = await importOriginal<typeof import("@node-rs/argon2")>();
  return { ...real, hash: vi.fn(real.hash), verify: vi.fn(real.verify) };
});

const PASSWORD = "a password of one's own";

let addresses = 0;
const attempt = (address = `198.51.100.${++addresses}`) => ({ address, isKnownBrowser: false });
const input = (email = makeEmail(), password = PASSWORD) => ({ organization: "新组织", email, password });

const spent = () => vi.mocked(hash).mock.calls.length + vi.mocked(verify).mock.calls.length;

beforeEach(() => {
  Object.assign(env(), { SIGN_UP: "open" });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("S8 SIGN_UP", () => {
  test("SIGN_UP=open creates an organization with its owner", async () => {
    expect(await isSignUpOpen()).toBe(true);
    const given = input();
    const made = await signUp(given, attempt());
    if (!made.ok) throw new Error("refused");
    const userId = await checkCredentials({ ...given, ...attempt() });
    expect(await listOrganizations({ userId: userId ?? "" }, "en")).toEqual([
      { publicId: toPublicId(made.value), name: "新组织", role: "owner" },
    ]);
  });

  test.each(["off", "first"] as const)(
    "SIGN_UP=%s rejects sign-ups once there are organizations",
    async (mode) => {
      const { owner } = await makeOrganization();
      Object.assign(env(), { SIGN_UP: mode });
      expect(await isSignUpOpen()).toBe(false);
      for (const given of [input(), input(owner.email, owner.password)]) {
        await expect(signUp(given, attempt())).rejects.toMatchObject({ code: "forbidden" });
      }
      expect(await listOrganizations(owner, "en")).toHaveLength(1);
    },
  );
});

describe("S8 createOrganization", () => {
  test("makes the signed-in user the owner of the new organization", async () => {
    const { owner } = await makeOrganization();
    const before = spent();
    const made = await createOrganization(owner, "第二家", attempt().address);
    expect(spent()).toBe(before);
    expect(await listOrganizations(owner, "en")).toContainEqual({
      publicId: toPublicId(made),
      name: "第二家",
      role: "owner",
    });
  });

  test.each(["off", "first"] as const)("rejects another organization while SIGN_UP is %s", async (mode) => {
    const { owner } = await makeOrganization();
    Object.assign(env(), { SIGN_UP: mode });
    await expect(createOrganization(owner, "第二家", attempt().address)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await listOrganizations(owner, "en")).toHaveLength(1);
  });

  test("another organization counts toward the five sign-ups per hour of an address", async () => {
    const { owner } = await makeOrganization();
    const { address } = attempt();
    for (let count = 0; count < 5; count++) await createOrganization(owner, `第 ${count} 家`, address);
    await expect(createOrganization(owner, "第六家", address)).rejects.toMatchObject({
      code: "rate_limited",
    });
    await expect(signUp(input(), attempt(address))).rejects.toMatchObject({ code: "rate_limited" });
    expect(await listOrganizations(owner, "en")).toHaveLength(6);
  });
});

describe("S8 sign-ups from an address", () => {
  test("limits sign-ups from an address to five per hour; the sixth is rejected before hashing", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { address } = attempt();
    for (let count = 0; count < 5; count++) {
      expect(await signUp(input(), attempt(address))).toMatchObject({ ok: true });
    }
    const before = spent();
    await expect(signUp(input(), attempt(address))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 3_600),
    });
    expect(spent()).toBe(before);
    expect(await signUp(input(), attempt()), "another address is free").toMatchObject({ ok: true });

    vi.setSystemTime(Date.now() + 3_600_001);
    expect(await signUp(input(), attempt(address))).toMatchObject({ ok: true });
  });

  test("counts sign-ups by IPv6 /64 network", async () => {
    const { owner } = await makeOrganization();
    for (let host = 1; host <= 5; host++) await createOrganization(owner, "第二家", `2001:db8:1:2::${host}`);
    await expect(createOrganization(owner, "第六家", "2001:db8:1:2:ffff::1")).rejects.toMatchObject({
      code: "rate_limited",
    });
    await createOrganization(owner, "第六家", "2001:db8:1:3::1");
  });

  test("counts failed sign-ups, because each is a password guess", async () => {
    const { email } = await makeUser();
    const { address } = attempt();
    for (let count = 0; count < 5; count++) {
      expect(await signUp(input(email, "not the password"), attempt(address))).toMatchObject({ ok: false });
    }
    await expect(signUp(input(), attempt(address))).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("S8 signUp with an existing e-mail", () => {
  test("adds an organization if the password is right", async () => {
    const { owner, publicId, name } = await makeOrganization();
    const made = await signUp(input(owner.email, owner.password), attempt());
    if (!made.ok) throw new Error("refused");
    expect(await listOrganizations(owner, "zh-CN")).toEqual(
      expect.arrayContaining([
        { publicId, name, role: "owner" },
        { publicId: toPublicId(made.value), name: "新组织", role: "owner" },
      ]),
    );
  });

  test("counts a wrong password as a wrong sign-in and creates nothing", async () => {
    const { owner } = await makeOrganization();
    const where = attempt();
    const wrong = { ...where, email: owner.email };
    for (let count = 0; count < 4; count++) await beginAttempt(wrong);
    expect(await signUp(input(owner.email, "not the password"), where)).toEqual({
      ok: false,
      error: "wrong",
    });
    await expect(checkCredentials({ ...wrong, password: owner.password })).rejects.toMatchObject({
      code: "rate_limited",
    });
    expect(await listOrganizations(owner, "en")).toHaveLength(1);
  });

  test("delays a sign-up with an existing e-mail like the sign-in", async () => {
    const { owner } = await makeOrganization();
    const where = attempt();
    for (let count = 0; count < 5; count++) await beginAttempt({ ...where, email: owner.email });
    await expect(signUp(input(owner.email, owner.password), where)).rejects.toMatchObject({
      code: "rate_limited",
    });
  });

  test("a sign-up with an existing e-mail does not change the password", async () => {
    const { owner } = await makeOrganization();
    await signUp(input(owner.email, "not the password"), attempt());
    expect(await checkCredentials({ ...owner, ...attempt() })).toBe(owner.userId);
    expect(await checkCredentials({ ...owner, ...attempt(), password: "not the password" })).toBeNull();
  });

  test("S6 a sign-up with an existing e-mail hashes as often as one with an unknown e-mail", async () => {
    const { email } = await makeUser();
    const costs: number[] = [];
    for (const given of [input(email, "not the password"), input()]) {
      const before = spent();
      await signUp(given, attempt());
      costs.push(spent() - before);
    }
    expect(costs).toEqual([1, 1]);
  });

  test("S16 creates one user for two concurrent sign-ups, and both organizations", async () => {
    const given = input();
    const made = await Promise.all([signUp(given, attempt()), signUp(given, attempt())]);
    expect(made).toEqual([expect.objectContaining({ ok: true }), expect.objectContaining({ ok: true })]);
    const userId = await checkCredentials({ ...given, ...attempt() });
    expect(await listOrganizations({ userId: userId ?? "" }, "en")).toHaveLength(2);
  });
});

test("a user without a password can't sign in", async () => {
  const email = makeEmail();
  const added = await addUserWithOrganization({ email, organization: "组织", passwordHash: null });
  if (!added.ok) throw new Error("refused");
  expect(await checkCredentials({ email, password: "", ...attempt() })).toBeNull();
  expect(await addUserWithOrganization({ email, organization: "组织", passwordHash: null })).toEqual({
    ok: false,
    error: "known",
  });
  const { organizationId } = added.value;
  const names = await inOrganization(added.value, (tx) =>
    tx.organization.findMany({ where: { organizationId }, select: { name: true } }),
  );
  expect(names).toEqual([{ name: "组织" }]);
});
