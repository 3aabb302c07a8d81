import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { plantPeople } from "@/lib/directory/members/test-support/plant-people";
import { sealPersonal } from "@/lib/directory/personal/test-support/seal";
import { findByNameClauses } from "@/lib/directory/search/match-names";
import { asAdmin, makeDirectory } from "@/lib/directory/tree/test-support/make-directory";
import { FIRST_SEEN, plantApp, plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { defineScim } from "@/lib/http/define-scim";
import { ADDRESS_HEADER } from "@/lib/request/internal-headers";
import { makeService } from "@/lib/testing/service";
import { answerScim } from "./answer-scim";
import { readUsers } from "./read-users";
import { URN } from "./urns";

const get = defineScim(answerScim);

type List = {
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly { readonly id: string; readonly [name: string]: unknown }[];
};

async function call(key: string | null, address: string) {
  const url = new URL(address, "http://localhost/scim/v2/");
  const request = new Request(url, {
    headers: { [ADDRESS_HEADER]: "203.0.113.9", ...(key !== null && { authorization: `Bearer ${key}` }) },
  });
  const path = url.pathname.split("/").slice(3).map(decodeURIComponent);
  const response = await get(request, { params: Promise.resolve({ path }) });
  expect(response.headers.get("content-type")).toBe("application/scim+json");
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function makeWorld({ scopes = "directory:read,directory:personal", others = 0 } = {}) {
  const service = await makeService({ scopes });
  const { organizationId } = service.organization;
  const appId = await asAdmin(async (client) => {
    await client.query("UPDATE organization SET keeps_personal = true WHERE organization_id = $1", [
      organizationId,
    ]);
    const app = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId: app }, [
      { id: 1, name: "集团" },
      { id: 2, parent: 1, name: "研发" },
      { id: 3, parent: 1, name: "gone", isRemoved: true },
    ]);
    const more = Array.from({ length: others }, (_, n) => ({
      id: `u${String(n).padStart(4, "0")}`,
      name: `员工 ${n}`,
    }));
    const members = [
      {
        id: "Li",
        name: "李一",
        title: "Engineer",
        jobNumber: "007",
        places: [{ id: 1 }, { id: 2 }],
        personal: { org_email: "li@corp.example", mobile: "138" },
      },
      { id: "wang", name: "100%", title: "engineer", isActive: false, places: [{ id: 2 }] },
      { id: "zhao", name: "赵", removedAt: new Date() },
      ...more,
    ];
    await plantPeople(client, { organizationId, appId: app }, { members, seal: sealPersonal });
    await client.query(
      "INSERT INTO directory (organization_id, app_id, revision, departments, members) VALUES ($1, $2, 1, 2, $3)",
      [organizationId, app, members.length - 1],
    );
    return app;
  });
  const list = async (address: string) =>
    (await call(service.key, `${appId}/${address}`)).body as unknown as List;
  const found = async (type: "Users" | "Groups", filter: string) =>
    (await list(`${type}?filter=${encodeURIComponent(filter)}`)).Resources.map((one) => one.displayName);
  return {
    ...service,
    appId,
    list,
    found,
    call: (address: string) => call(service.key, `${appId}/${address}`),
  };
}

describe("SCIM users", () => {
  test("returns mapped members with their groups as users, for a key that may read personal values", async () => {
    const world = await makeWorld();
    const { Resources, ...page } = await world.list("Users");
    expect(page).toEqual({ schemas: [URN.list], totalResults: 2, startIndex: 1, itemsPerPage: 2 });
    const [li] = Resources;
    const groups = await world.list("Groups");
    const location = `http://localhost:3000/scim/v2/${world.appId}/Users/${li?.id}`;
    expect(li).toEqual({
      schemas: [URN.user, URN.enterprise],
      id: expect.stringMatching(/^[\w-]{10,}$/),
      userName: "Li",
      externalId: "Li",
      name: { formatted: "李一" },
      displayName: "李一",
      title: "Engineer",
      active: true,
      emails: [{ value: "li@corp.example", type: "work", primary: true }],
      phoneNumbers: [{ value: "138", type: "mobile", primary: true }],
      groups: groups.Resources.map(({ id, displayName }) => ({
        value: id,
        $ref: expect.stringContaining(`/Groups/${id}`),
        display: displayName,
        type: "direct",
      })),
      [URN.enterprise]: { employeeNumber: "007", department: "集团; 研发" },
      meta: {
        resourceType: "User",
        created: FIRST_SEEN,
        lastModified: FIRST_SEEN,
        location: expect.stringContaining(location.slice(location.indexOf("/scim"))),
      },
    });
    expect((await world.call(`Users/${li?.id}`)).body).toEqual(li);
    expect((await world.call(`Users/${li?.id}?attributes=userName`)).body).toEqual({
      schemas: li?.schemas,
      id: li?.id,
      userName: "Li",
    });
  });

  test("S33 omits users' personal values without the scope, and never searches by them", async () => {
    const world = await makeWorld({ scopes: "directory:read" });
    expect(JSON.stringify(await world.list("Users"))).not.toMatch(/li@corp|"138"|emails|phoneNumbers/);
    for (const attribute of ["emails.work", "phoneNumbers.mobile", "emails.value"]) {
      const { status, body } = await world.call(`Users?filter=${attribute}%20co%20%22l%22`);
      expect([status, body.scimType]).toEqual([400, "invalidFilter"]);
    }
  });

  test("filters users by eq, co and and", async () => {
    const { found, list } = await makeWorld();
    const { Resources } = await list("Users");
    for (const [filter, names] of [
      ['userName eq "Li"', ["李一"]],
      ['userName eq "li"', []],
      ['externalId eq "wang"', ["100%"]],
      [`id eq "${Resources[1]?.id}"`, ["100%"]],
      ['id eq "nobody"', []],
      ['title eq "ENGINEER"', ["李一", "100%"]],
      ['title co "gine" and active eq true', ["李一"]],
      ["active eq false", ["100%"]],
      ['displayName co "%"', ["100%"]],
      ['displayName co "1%%"', []],
      ['displayName co "_"', []],
      ['title co "e%r"', []],
      ['title co "%"', []],
      ['title co "_"', []],
      [`${URN.enterprise}:employeeNumber eq "007" and title co "e"`, ["李一"]],
      ['displayName co "赵"', []],
    ] as const) {
      expect([filter, await found("Users", filter)]).toEqual([filter, names]);
    }
    const none = await list(`Users?count=0&filter=${encodeURIComponent("active eq false")}`);
    expect(none).toMatchObject({ totalResults: 1, itemsPerPage: 0, Resources: [] });
  });

  test("returns each user on one page, whether pages are read in sequence or not", async () => {
    const { list } = await makeWorld({ others: 23 });
    const namesOf = ({ Resources }: List) => Resources.map(({ userName }) => userName);
    const all = namesOf(await list("Users?count=500"));
    expect(all).toHaveLength(25);
    const jump = await list("Users?startIndex=20&count=5");
    expect([jump.totalResults, jump.startIndex, namesOf(jump)]).toEqual([25, 20, all.slice(19, 24)]);
    const read: unknown[] = [];
    for (let startIndex = 1; startIndex <= 25; startIndex += 7) {
      read.push(...namesOf(await list(`Users?startIndex=${startIndex}&count=7`)));
    }
    expect(read).toEqual(all);
    expect(namesOf(await list("Users?startIndex=-5&count=2"))).toEqual(all.slice(0, 2));
    expect((await list("Users?startIndex=99")).Resources).toEqual([]);
  });
});

test("returns departments as groups, with or without their direct members and subdepartments", async () => {
  const { list, found, call: one } = await makeWorld();
  const [root, below] = (await list("Groups")).Resources;
  const users = (await list("Users")).Resources;
  expect(root).toMatchObject({ schemas: [URN.group], displayName: "集团", externalId: "1" });
  expect(root?.members).toEqual([
    expect.objectContaining({ value: users[0]?.id, type: "User", display: "李一" }),
    expect.objectContaining({ value: below?.id, type: "Group", display: "研发" }),
  ]);
  const bare = (await list("Groups?excludedAttributes=members")).Resources;
  expect(bare.some((group) => "members" in group)).toBe(false);
  expect((await one(`Groups/${below?.id}`)).body).toEqual(below);
  for (const [filter, names] of [
    ['displayName eq "研发"', ["研发"]],
    ['displayName co "发"', ["研发"]],
    ['externalId eq "1"', ["集团"]],
    [`members.value eq "${users[1]?.id}"`, ["研发"]],
    [`id eq "${root?.id}" and members eq "${users[1]?.id}"`, []],
    ['displayName eq "gone"', []],
  ] as const) {
    expect([filter, await found("Groups", filter)]).toEqual([filter, names]);
  }
});

/** Characters with several forms, cases, marks and widths, and characters without any. */
const UNITS = Array.from(
  "华东部豈Aaki '%_\\Ｚｚ（（…ガ\u30abｶﾞ각ㄱㅏéÉe\u0301\u0307İıI\u212aKσςΣßẞﬁǅ\u3000\u200b\t\u2028👩㌀〪",
);

test("finds the same names by the index as by a full scan", async () => {
  const text = (maxLength: number) => fc.string({ unit: fc.constantFrom(...UNITS), maxLength });
  const special = [`${"字".repeat(70)}尾巴`, "\u212aelvin", "kilo"];
  const names = [...special, ...fc.sample(text(14), 400)].filter((name) => name !== "");
  const directory = await makeDirectory([]);
  const { organizationId, appId } = directory;
  const members = names.map((name, n) => ({ id: `u${n}`, name }));
  await asAdmin((client) => plantPeople(client, { organizationId, appId }, { members }));
  const [base, scope] = [{ appId, url: "http://localhost/scim/v2" }, [organizationId, appId] as const];
  const part = fc.tuple(fc.constantFrom(...names), fc.nat(), fc.nat()).map(([name, a, b]) => {
    const units = Array.from(name);
    return units.slice(a % units.length, (a % units.length) + 1 + (b % 40)).join("");
  });
  const changed = part.map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase()));
  let narrowed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("eq", "co"),
      fc.oneof(part, changed, fc.constantFrom(...names), text(3)),
      (operator, asked) =>
        inOrganizationSql({ organizationId }, async (client) => {
          const filter = `displayName ${operator} ${JSON.stringify(asked)}`;
          const paging = { startIndex: 1, count: 500, filter };
          const found = await readUsers({ client, scope }, { base, personal: null, paging });
          const condition =
            operator === "co" ? "position(lower($3) IN lower(name)) > 0" : "lower(name) = lower($3)";
          const { rows } = await client.query(
            `SELECT user_id AS "userName" FROM member WHERE organization_id = $1 AND app_id = $2 AND ${condition}
             ORDER BY user_id`,
            [...scope, asked],
          );
          expect(found.resources.map(({ userName }) => ({ userName }))).toEqual(rows);
          expect(found.total).toBe(rows.length);
          const clauses = [{ operator, text: asked }];
          narrowed += Number((await findByNameClauses({ client, scope }, "member", clauses)) !== null);
        }),
    ),
    {
      numRuns: 300,
      examples: [
        ["co", "尾巴"],
        ["co", "KELVIN"],
        ["co", "\u212a"],
        ["eq", "\u212aILO"],
      ],
    },
  );
  expect(narrowed).toBeGreaterThan(100);
});

test("returns SCIM's discovery documents", async () => {
  const { call: one } = await makeWorld();
  expect((await one("ServiceProviderConfig")).body).toMatchObject({
    schemas: [URN.config],
    patch: { supported: false },
    filter: { supported: true, maxResults: 500 },
  });
  const schemas = (await one("Schemas")).body as unknown as List;
  expect(schemas.Resources.map(({ id }) => id)).toEqual([URN.user, URN.enterprise, URN.group]);
  expect((await one(`Schemas/${URN.group}`)).body).toEqual(schemas.Resources[2]);
  const types = (await one("ResourceTypes")).body as unknown as List;
  expect(types.Resources.map(({ endpoint }) => endpoint)).toEqual(["/Users", "/Groups"]);
});

test("returns errors in SCIM's format, and not_found for another tenant's ids", async () => {
  const [mine, theirs] = [await makeWorld(), await makeWorld()];
  const [user] = (await theirs.list("Users")).Resources;
  for (const [address, status, scimType] of [
    ["Users?filter=title%20sw%20%22x%22", 400, "invalidFilter"],
    ["Users?filter=password%20eq%20%22x%22", 400, "invalidFilter"],
    ["Users?startIndex=x", 400, "invalidValue"],
    ["Users?count=1e99", 400, "invalidValue"],
    ["Nothing", 404, undefined],
    ["Users/nobody", 404, undefined],
    [`Users/${user?.id}`, 404, undefined],
    ["Users/a/b", 404, undefined],
    ["Schemas/x", 404, undefined],
  ] as const) {
    const { status: got, body } = await mine.call(address);
    expect([address, got, body.status, body.scimType]).toEqual([address, status, String(status), scimType]);
    expect(body.schemas).toEqual(["urn:ietf:params:scim:api:messages:2.0:Error"]);
  }
  const foreign = await call(mine.key, `${theirs.appId}/Users`);
  expect(foreign).toEqual(await call(mine.key, "01890000-0000-7000-8000-000000000000/Users"));
  expect(foreign.status).toBe(404);
  expect((await call(null, "Users")).status).toBe(401);
  const lacking = await makeService({ scopes: "directory:sync" }, mine.organization);
  expect((await call(lacking.key, `${mine.appId}/Users`)).status).toBe(403);
});

test("accepts an AppKey in the URL, and returns URLs with the app's id", async () => {
  const world = await makeWorld();
  const { rows } = await asAdmin((client) =>
    client.query<{ app_key: string }>("SELECT app_key FROM dingtalk_app WHERE id = $1", [world.appId]),
  );
  const byId = await call(world.key, `${world.appId}/Users`);

  expect(byId.status).toBe(200);
  expect(await call(world.key, `${rows[0]?.app_key}/Users`)).toEqual(byId);
});

test("needs no app in the URL for a key with a single app", async () => {
  const world = await makeWorld();
  const bare = (await call(world.key, "Users")).body as unknown as List;
  expect(bare.totalResults).toBe(2);
  const { organizationId } = world.organization;
  await asAdmin((client) => plantApp(client, organizationId));
  const { status, body } = await call(world.key, "Users");
  expect([status, body.scimType]).toEqual([400, "invalidPath"]);
  const some = await makeService({ scopes: "directory:read", apps: world.appId }, world.organization);
  expect((await call(some.key, "Users")).status).toBe(200);
});
