import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { IDLE } from "@/lib/action-state";
import { may } from "@/lib/auth/actor";
import { sessionCookie } from "@/lib/auth/cookies";
import { LEAST_ROLE, type Permission } from "@/lib/auth/permissions";
import { ROLES } from "@/lib/auth/role";
import { deleteSession } from "@/lib/auth/sessions";
import { inOrganization } from "@/lib/db/unit-of-work";
import { renameOrganization } from "@/lib/organizations/commands";
import { renameOrganizationInput } from "@/lib/organizations/schema";
import { toPublicId } from "@/lib/public-id";
import { ok } from "@/lib/result";
import { asBrowser, makeBrowser, makeSignedInBrowser, setCookie } from "@/lib/testing/browser";
import { addMember, makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import { defineAction, definePublicAction, defineUserAction } from "./define-action";

vi.mock("next/headers", () => import("@/lib/testing/browser"));

const rename = defineAction(
  { permission: "organization.rename", input: renameOrganizationInput },
  async (actor, { name }) => {
    await renameOrganization(actor, name);
    return ok({ name });
  },
);

const form = (fields: Readonly<Record<string, string>> = {}) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

const nameOf = async ({ organizationId }: Pick<TestOrganization, "organizationId">) =>
  (
    await inOrganization({ organizationId }, (tx) =>
      tx.organization.findFirstOrThrow({ where: { organizationId } }),
    )
  ).name;

const refusal = (code: string) => ({ status: "failed", message: { key: `error.${code}` } });

let organization: TestOrganization;
beforeEach(async () => {
  organization = await makeOrganization();
});

test.each([
  ["NUL", "a\0b"],
  ["what a browser makes of a lone surrogate", "a\uFFFDb"],
])("refuses and names a form field with %s before the schema or the handler sees it", async (_, name) => {
  const browser = await makeSignedInBrowser(organization.owner);
  const answer = await asBrowser(browser, () => rename(organization.publicId, IDLE, form({ name })));
  expect(answer).toEqual({
    status: "failed",
    message: { key: "validation.form" },
    fieldErrors: { name: { key: "validation.characters" } },
  });
  expect(await nameOf(organization)).toBe(organization.name);
});

describe("S1 actions without a session", () => {
  const cookies: [string, () => Promise<string | undefined>][] = [
    ["no cookie", async () => undefined],
    ["a cookie of garbage", async () => "not.a.token"],
    [
      "a session's id as it is",
      async () => (await makeSignedInBrowser(organization.owner)).session.sessionId,
    ],
    [
      "a cookie that somebody else sealed",
      async () => {
        const { session } = await makeSignedInBrowser(organization.owner);
        return encode({ token: { sid: session.sessionId }, secret: "x".repeat(32) });
      },
    ],
    [
      "a cookie whose session was signed out",
      async () => {
        const { session, jar } = await makeSignedInBrowser(organization.owner);
        await deleteSession(session.sessionId);
        return jar.get(sessionCookie().name)?.value;
      },
    ],
  ];

  test.each(cookies)(
    "refuses an action without a session with %s, in every organization",
    async (_, make) => {
      const browser = makeBrowser();
      const cookie = await make();
      if (cookie !== undefined) setCookie(browser, sessionCookie().name, cookie);
      for (const address of [organization.publicId, toPublicId(randomUUID()), "no-such"]) {
        const answer = await asBrowser(browser, () => rename(address, IDLE, form({ name: "mine now" })));
        expect(answer, address).toEqual(refusal("unauthenticated"));
      }
      expect(await nameOf(organization)).toBe(organization.name);
    },
  );
});

describe("S12 defineAction", () => {
  const cases = (Object.keys(LEAST_ROLE) as Permission[]).flatMap((permission) =>
    ROLES.map((role) => ({
      permission,
      role,
      isAllowed: may({ role }, permission),
    })),
  );

  test.each(cases)("runs the action that needs $permission for the role $role: $isAllowed", async (one) => {
    const member = await addMember(organization, one.role);
    const handle = vi.fn(async () => ok("done"));
    const action = defineAction({ permission: one.permission, input: z.object({}) }, handle);
    const browser = await makeSignedInBrowser(member);
    const answer = await asBrowser(browser, () => action(organization.publicId, IDLE, form()));
    expect(answer).toEqual(one.isAllowed ? { status: "done", data: "done" } : refusal("forbidden"));
    expect(handle).toHaveBeenCalledTimes(one.isAllowed ? 1 : 0);
  });

  test("passes the caller from the membership to the handler and nothing from the form", async () => {
    const handle = vi.fn(async () => ok(null));
    const input = z.looseObject({});
    const action = defineAction({ permission: "organization.read", input }, handle);
    const other = await makeOrganization();
    const claims = { organizationId: other.organizationId, organization: other.publicId, role: "owner" };
    const member = await addMember(organization, "viewer");
    const browser = await makeSignedInBrowser(member);
    await asBrowser(browser, () => action(organization.publicId, IDLE, form(claims)));
    const { organizationId, userId } = member;
    expect(handle).toHaveBeenCalledExactlyOnceWith(
      { organizationId, userId, role: "viewer", keyId: null },
      claims,
    );
  });

  test("changes the organization of the path when the form names another one", async () => {
    const other = await makeOrganization();
    const browser = await makeSignedInBrowser(organization.owner);
    const fields = { name: "renamed", organizationId: other.organizationId, organization: other.publicId };
    const answer = await asBrowser(browser, () => rename(organization.publicId, IDLE, form(fields)));
    expect(answer).toEqual({ status: "done", data: { name: "renamed" } });
    expect([await nameOf(organization), await nameOf(other)]).toEqual(["renamed", other.name]);
  });

  test("refuses a user whose membership ended while the page was open", async () => {
    const member = await addMember(organization, "admin");
    const browser = await makeSignedInBrowser(member);
    const ask = () => asBrowser(browser, () => rename(organization.publicId, IDLE, form({ name: "once" })));
    expect(await ask()).toMatchObject({ status: "done" });
    const { organizationId, userId } = member;
    await inOrganization(member, (tx) => tx.membership.deleteMany({ where: { organizationId, userId } }));
    expect(await ask()).toEqual(refusal("not_found"));
  });

  test("checks the permission before it parses the form", async () => {
    const browser = await makeSignedInBrowser(await addMember(organization, "viewer"));
    const answer = await asBrowser(browser, () => rename(organization.publicId, IDLE, form()));
    expect(answer).toEqual(refusal("forbidden"));
  });
});

describe("S15 actions on another organization", () => {
  test("answers for another organization as for an unknown one, and changes nothing", async () => {
    const victim = await makeOrganization();
    await addMember(victim, "viewer");
    const rows = () =>
      inOrganization(victim, async (tx) => [
        await tx.organization.findMany({ where: { organizationId: victim.organizationId } }),
        await tx.membership.findMany(),
      ]);
    const before = await rows();
    const browser = await makeSignedInBrowser(organization.owner);
    const addresses = [
      victim.publicId,
      toPublicId(randomUUID()),
      "no-such",
      "",
      victim.organizationId,
      victim.publicId.toUpperCase(),
      ` ${victim.publicId}`,
      `${organization.publicId}/../${victim.publicId}`,
      "' OR true --",
    ];
    for (const address of addresses) {
      const answer = await asBrowser(browser, () => rename(address, IDLE, form({ name: "mine now" })));
      expect(answer, address).toEqual(refusal("not_found"));
    }
    expect(await rows()).toEqual(before);
  });

  test.each([
    ["too long", "x".repeat(61)],
    ["not a string", { toString: (): string => "x" }],
  ])("returns not_found when the organization's id is %s", async (_, address) => {
    const ask = () => rename(address as string, IDLE, form({ name: "mine now" }));
    expect(await asBrowser(await makeSignedInBrowser(organization.owner), ask)).toEqual(refusal("not_found"));
    expect(await asBrowser(makeBrowser(), ask)).toEqual(refusal("unauthenticated"));
  });

  test("checks the role in the organization of the path for a user with two memberships", async () => {
    const second = await makeOrganization();
    await addMember(second, "viewer", organization.owner);
    const browser = await makeSignedInBrowser(organization.owner);
    const ask = (address: string) => asBrowser(browser, () => rename(address, IDLE, form({ name: "new" })));
    expect(await ask(second.publicId)).toEqual(refusal("forbidden"));
    expect(await ask(organization.publicId)).toMatchObject({ status: "done" });
    expect([await nameOf(organization), await nameOf(second)]).toEqual(["new", second.name]);
  });
});

describe("defineUserAction", () => {
  test("S1 refuses an action on the own account without a session, and otherwise passes the user to it", async () => {
    const handle = vi.fn(async () => ok(null));
    const action = defineUserAction(z.object({}), handle);
    expect(await asBrowser(makeBrowser(), () => action(IDLE, form()))).toEqual(refusal("unauthenticated"));
    expect(handle).not.toHaveBeenCalled();
    const { owner } = organization;
    const browser = await makeSignedInBrowser(owner);
    expect(await asBrowser(browser, () => action(IDLE, form()))).toEqual({ status: "done", data: null });
    expect(handle).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ userId: owner.userId, sessionId: browser.session.sessionId }),
      {},
    );
  });
});

describe("results of actions", () => {
  const failing = definePublicAction(z.object({}), async () => {
    throw Object.assign(new Error("relation users: password=s3cret"), { code: "s3cret" });
  });

  test("S21 reveals nothing about an unexpected error", async () => {
    expect(await failing(IDLE, form())).toEqual(refusal("internal"));
  });

  test("names the message key of the first error of each field", async () => {
    const browser = await makeSignedInBrowser(organization.owner);
    const answer = await asBrowser(browser, () =>
      rename(organization.publicId, IDLE, form({ name: "\u200b" })),
    );
    expect(answer).toEqual({
      status: "failed",
      message: { key: "validation.form" },
      fieldErrors: { name: { key: "validation.required" } },
    });
  });

  test("reports a validation failure for a request without a form", async () => {
    const action = definePublicAction(z.object({ name: z.string({ error: "required" }) }), async () =>
      ok(null),
    );
    for (const sent of [undefined, "name=x", ["name"], 1]) {
      expect(await action(IDLE, sent as never)).toMatchObject({ message: { key: "validation.form" } });
    }
  });
});
